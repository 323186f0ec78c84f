package cowfs.tools.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DaemonProcessTest {
    @TempDir Path directory;

    /// A daemon that wants more memory than it may have.
    static final class Hungry {
        public static void main(String[] arguments) {
            List<byte[]> held = new ArrayList<>();
            try {
                while (true) {
                    held.add(new byte[1 << 20]);
                }
            } catch (OutOfMemoryError unseen) {
                System.exit(held.size() > 1 ? 77 : 78); // half alive
            }
        }
    }

    @Test
    void whatEndsForWantOfMemorySaysSoInItsLogAndNeverGoesOn() throws Exception {
        Path log = directory.resolve("log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(DaemonProcess.jvmOptions(32 << 20, log));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Hungry.class.getName());
        Process process = start(command, log);
        try {
            assertTrue(process.waitFor(50, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        assertEquals(3, process.exitValue(), "the JVM's own exit code");
        assertTrue(Files.readString(log).contains("OutOfMemoryError"), Files.readString(log));
    }

    private static Process start(List<String> command, Path log) throws IOException {
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(log.toFile())
                .start();
    }
}
