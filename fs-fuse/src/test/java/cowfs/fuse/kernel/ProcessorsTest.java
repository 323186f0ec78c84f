package cowfs.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ProcessorsTest {
    @Test
    void theLastNumberCounts() throws IOException {
        assertEquals(1, Processors.possibleCount("0"));
        assertEquals(2, Processors.possibleCount("0-1"));
        assertEquals(9, Processors.possibleCount("0-3,8"));
        assertEquals(128, Processors.possibleCount("0-63,96-127"));
        assertThrows(IOException.class, () -> Processors.possibleCount(""));
        assertTrue(Processors.possibleCount() >= Runtime.getRuntime().availableProcessors());
    }

    @Test
    void aThreadIsPinnedToAProcessorThatIsThere() throws InterruptedException {
        boolean[] pinned = new boolean[2];
        Thread thread =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    pinned[0] = Processors.pin(1 << 14);
                                    pinned[1] = Processors.pin(0);
                                });
        thread.join();
        assertEquals(false, pinned[0]);
        assertEquals(true, pinned[1]);
    }
}
