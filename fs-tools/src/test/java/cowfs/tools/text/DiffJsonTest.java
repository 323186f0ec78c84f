package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.file.FileChange;
import cowfs.file.Timestamp;
import cowfs.tools.FileChangeSamples;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DiffJsonTest {
    @Test
    void everyDifferenceComesBackAsItWas() throws IOException {
        for (FileChange each : FileChangeSamples.ALL) {
            String line = JsonObject.line(DiffJson.of(each));
            assertEquals(each, DiffJson.fileChange(JsonObject.parse(line)), line);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0.000000000",
        "1, 5, 1.000000005",
        "-1, 999999999, -0.000000001",
        "-1, 0, -1.000000000",
        "-2, 250000000, -1.750000000",
        "9223372036854775807, 999999999, 9223372036854775807.999999999"
    })
    void timesAreSecondsWithNineDigits(long seconds, int nanos, String text) throws IOException {
        assertEquals(text, DiffJson.text(new Timestamp(seconds, nanos)));
        assertEquals(new Timestamp(seconds, nanos), DiffJson.timestamp(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "x.000000000", "1.x", "."})
    void whatIsNoTimeIsRefused(String text) {
        assertThrows(IOException.class, () -> DiffJson.timestamp(text));
    }
}
