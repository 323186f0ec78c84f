package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What reads an image offline reads a sound one without a word.
final class ReadersTest {
    @Test
    void aSoundImageIsReadInEveryWay() throws IOException {
        for (int copies = 1; copies <= 2; copies++) {
            SampleImage sample = SampleImage.make(copies);
            List<String> refusals = Trial.readers(() -> sample.image());
            assertEquals("", String.join("\n", refusals));
        }
    }
}
