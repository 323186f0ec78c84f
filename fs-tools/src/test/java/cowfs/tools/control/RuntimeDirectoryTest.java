package cowfs.tools.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RuntimeDirectoryTest {
    @TempDir Path directory;

    @Test
    void eachUserHasAPlace() {
        assertEquals(Path.of("/run/cowfs"), RuntimeDirectory.place(0, directory.toString()));
        assertEquals(
                directory.resolve("cowfs"), RuntimeDirectory.place(1000, directory.toString()));
        assertEquals(Path.of("/tmp/cowfs-1000"), RuntimeDirectory.place(1000, null));
        assertEquals(Path.of("/tmp/cowfs-1000"), RuntimeDirectory.place(1000, "/no/such/place"));
    }

    @Test
    void theDirectoryIsOnlyForItsOwner() throws IOException {
        assertEquals(
                "rwx------",
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(RuntimeDirectory.get())));
    }

    @Test
    void aPlaceThatOthersCanReachIsRefused() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
        refused(directory, RuntimeDirectory.userId());
    }

    @Test
    void aPlaceOfSomebodyElseIsRefused() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        RuntimeDirectory.requirePrivate(directory, RuntimeDirectory.userId());
        refused(directory, RuntimeDirectory.userId() + 1);
    }

    @Test
    void aLinkToAPrivatePlaceIsRefused() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        refused(link, RuntimeDirectory.userId());
    }

    private static void refused(Path directory, int uid) {
        RequestException refusal =
                assertThrows(
                        RequestException.class,
                        () -> RuntimeDirectory.requirePrivate(directory, uid));
        assertEquals(ErrorKind.NOT_PERMITTED, refusal.kind());
        assertTrue(refusal.getMessage().startsWith(directory.toString()), refusal.getMessage());
    }
}
