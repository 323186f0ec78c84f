package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MomentTest {
    private static final Instant NOW = Instant.parse("2026-11-26T10:30:00Z");
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin"); // an hour ahead then

    private static Instant parse(String text) {
        return Moment.parse(text, NOW, BERLIN);
    }

    @ParameterizedTest
    @CsvSource({
        "10:42, 2026-11-26T09:42:00Z",
        "11:30, 2026-11-26T10:30:00Z",
        "11:31, 2026-11-25T10:31:00Z",
        "23:59:59, 2026-11-25T22:59:59Z",
        "2026-11-20, 2026-11-19T23:00:00Z",
        "2026-07-01 10:42, 2026-07-01T08:42:00Z",
        "2026-11-20T10:42:07, 2026-11-20T09:42:07Z",
        "2026-11-20T10:42:07Z, 2026-11-20T10:42:07Z",
        "2026-11-20 10:42:07 +02:00, 2026-11-20T08:42:07Z",
        "2h, 2026-11-26T08:30:00Z",
        "90s, 2026-11-26T10:28:30Z",
        "1w, 2026-11-19T10:30:00Z",
        "0m, 2026-11-26T10:30:00Z",
        "@0, 1970-01-01T00:00:00Z"
    })
    void whatPeopleWrite(String text, String time) {
        assertEquals(Instant.parse(time), parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "25:00",
                "10:60",
                "2026-13-01",
                "2026-02-30",
                "-2h",
                "2y",
                "10",
                "@",
                "2026-11-20 10",
                "10:42pm",
                "999999999w9"
            })
    void whatMeansNoTime(String text) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> parse(text)).getMessage();
        assertTrue(message.startsWith("'" + text + "' is no time; write 10:42"), message);
    }
}
