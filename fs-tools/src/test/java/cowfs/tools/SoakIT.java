package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One round of {@link SoakTorture}, and the test of that test: it must notice that writes are lost
/// which were acknowledged.
final class SoakIT {
    private static final long SEED = Long.getLong("cowfs.seed", 1);

    @Test
    void aDaemonThatIsKilledAgainAndAgainLosesNothing(@TempDir Path directory) throws Exception {
        assertTrue(new SoakTorture().round(SEED, directory) > 0);
    }

    @Test
    void anImageThatHasLostWhatWasFsyncedIsFound(@TempDir Path directory) throws Exception {
        Path old = directory.resolve("old");
        int[] mounts = new int[1];
        AssertionError found =
                assertThrows(
                        AssertionError.class,
                        () ->
                                SoakTorture.round(
                                        SEED,
                                        Files.createDirectory(directory.resolve("soak")),
                                        image -> {
                                            if (mounts[0]++ > 0) {
                                                overwrite(image, old);
                                            } else {
                                                Files.copy(image, old);
                                            }
                                        }));
        assertEquals(2, mounts[0]);
        assertTrue(found.getMessage().contains("states that it may be in"), found.getMessage());
    }

    private static void overwrite(Path image, Path content) throws IOException {
        try (FileChannel from = FileChannel.open(content);
                FileChannel to = FileChannel.open(image, StandardOpenOption.WRITE)) {
            assertEquals(from.size(), from.transferTo(0, from.size(), to));
        }
    }
}
