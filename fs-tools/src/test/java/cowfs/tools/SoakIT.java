package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
        boolean[] oldKilled = new boolean[1];
        AssertionError found =
                assertThrows(
                        AssertionError.class,
                        () ->
                                SoakTorture.round(
                                        SEED,
                                        Files.createDirectory(directory.resolve("soak")),
                                        (image, killed) -> {
                                            if (mounts[0]++ == 0) {
                                                Files.copy(image, old);
                                                oldKilled[0] = killed;
                                                return killed;
                                            }
                                            Files.copy(
                                                    old,
                                                    image,
                                                    StandardCopyOption.REPLACE_EXISTING);
                                            return oldKilled[0];
                                        }));
        assertEquals(2, mounts[0]);
        assertTrue(found.getMessage().contains("states that it may be in"), found.getMessage());
    }
}
