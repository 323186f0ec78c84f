package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A short run of {@link ImageFuzz}; `scripts/torture` runs it for hours.
final class FuzzDamageTest {
    private static final long SEED = Long.getLong("cowfs.seed", 1);

    @Test
    void nothingEscapesFromAFewHundredDamagedImages() throws IOException {
        ImageFuzz fuzz = new ImageFuzz(SEED);
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        assertEquals("", String.join("\n", fuzz.run(400, end)));
        System.out.println("fuzz of images: " + fuzz);
    }
}
