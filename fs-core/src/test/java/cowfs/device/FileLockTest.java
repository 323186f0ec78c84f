package cowfs.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lock of a {@link FileDevice} that is open for writing, against openers here and elsewhere.
final class FileLockTest {
    @TempDir private Path folder;

    @Test
    void aSecondWriterInThisProcessIsRefusedByNameUntilTheFirstCloses() throws IOException {
        Path file = folder.resolve("image");
        try (FileDevice device = FileDevice.create(file, 4096)) {
            DeviceBusyException busy =
                    assertThrows(DeviceBusyException.class, () -> FileDevice.open(file, true));
            assertEquals(file.toString(), busy.file());
            assertTrue(busy.getMessage().startsWith(file + ": "), busy.getMessage());
            assertEquals(4096, device.sizeBytes());
        }
        FileDevice.open(file, true).close();
    }

    @Test
    void aReaderThatClosesDoesNotReleaseTheWritersLock() throws Exception {
        Path file = folder.resolve("image");
        try (FileDevice device = FileDevice.create(file, 4096)) {
            FileDevice.open(file, false).close();
            FileChannel.open(file).close();
            assertEquals(4096, device.sizeBytes());
            assertEquals("busy", openElsewhere(file));
        }
        assertEquals("open", openElsewhere(file));
    }

    @Test
    void theLockOfAKilledProcessIsGone() throws Exception {
        Path file = folder.resolve("image");
        FileDevice.create(file, 4096).close();
        Process holder = start(Holder.class, file);
        try (var output = holder.inputReader()) {
            assertEquals("open", output.readLine());
            assertThrows(DeviceBusyException.class, () -> FileDevice.open(file, true));
        } finally {
            holder.destroyForcibly().waitFor();
        }
        FileDevice.open(file, true).close();
    }

    private static String openElsewhere(Path file) throws Exception {
        Process process = start(Opener.class, file);
        try (var output = process.inputReader()) {
            String answer = output.readLine();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            return answer;
        }
    }

    private static Process start(Class<?> main, Path file) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /// Says `open` or `busy` and goes.
    static final class Opener {
        public static void main(String[] arguments) throws IOException {
            try (FileDevice device = FileDevice.open(Path.of(arguments[0]), true)) {
                System.out.println(device.sizeBytes() > 0 ? "open" : "empty");
            } catch (DeviceBusyException _) {
                System.out.println("busy");
            }
        }
    }

    /// Says `open` and holds the lock until it is killed.
    static final class Holder {
        public static void main(String[] arguments) throws Exception {
            try (FileDevice device = FileDevice.open(Path.of(arguments[0]), true)) {
                System.out.println(device.sizeBytes() > 0 ? "open" : "empty");
                Thread.currentThread().join();
            }
        }
    }
}
