package cowfs.tools.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.fuse.operation.RequestTime;
import cowfs.tools.control.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DaemonProcessTest {
    @TempDir Path directory;

    private final ByteArrayOutputStream told = new ByteArrayOutputStream();
    private final Log log = new Log(new PrintStream(OutputStream.nullOutputStream()));
    private Path image;

    @BeforeEach
    void format() throws IOException {
        image = directory.resolve("image");
        Images.format(image, FormatOptions.ofSize(64L << 20), false);
    }

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

    @Test
    void aWarningOfTheJvmIsNotTakenForTheReply() throws Exception {
        Path log = directory.resolve("log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(DaemonProcess.jvmOptions(32 << 20, log));
        command.addAll(List.of("-XX:+UseLargePages", "-version")); // few machines have any
        Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        assertEquals("", new String(process.getInputStream().readAllBytes(), UTF_8));
        assertEquals(0, process.waitFor(), Files.readString(log));
    }

    @Test
    void aMountThatEndsWhileItComesUpLeavesTheImageClosed() throws Exception {
        for (int i = 0; i < 20; i++) { // at any moment
            Path logFile = Files.createFile(directory.resolve("starting"));
            int code =
                    DaemonProcess.runDetached(
                            settings(), mounter(0), log, logFile, new PrintStream(told));
            assertTrue(code == 0 || told.toString(UTF_8).contains("is being closed"));
            Images.open(image, OpenOptions.DEFAULTS).close();
        }
    }

    @Test
    void whoCantBeToldOfTheMountLeavesTheImageClosed() throws Exception {
        IOException failure =
                assertThrows(
                        IOException.class,
                        () ->
                                DaemonProcess.run(
                                        settings(),
                                        mounter(1),
                                        log,
                                        reply -> {
                                            throw new IOException("nobody listens");
                                        }));
        assertEquals("nobody listens", failure.getMessage());
        Images.open(image, OpenOptions.DEFAULTS).close();
    }

    private DaemonSettings settings() {
        return DaemonSettings.of(image, Ref.MAIN, directory.resolve("mnt"));
    }

    /// @param up 0 for mounts that end as soon as they have come up, 1 for mounts that stay
    private static Mounter mounter(int up) {
        return new LatchMounter(new CountDownLatch(up));
    }

    private record LatchMounter(CountDownLatch up) implements Mounter {
        @Override
        public Handle mount(Pool pool, Ref ref, Path directory, List<String> options) {
            return new Handle() {
                @Override
                public boolean readOnly() {
                    return false;
                }

                @Override
                public String transport() {
                    return "none";
                }

                @Override
                public Map<String, Long> requestCounts() {
                    return Map.of();
                }

                @Override
                public Map<String, RequestTime> requestTimes() {
                    return Map.of();
                }

                @Override
                public void awaitUnmounted() throws InterruptedException {
                    up.await();
                }

                @Override
                public boolean hasFailed() {
                    return false;
                }

                @Override
                public void unmount() {
                    up.countDown();
                }
            };
        }

        @Override
        public PoolOperations operations(Pool pool) {
            return pool;
        }
    }

    private static Process start(List<String> command, Path log) throws IOException {
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(log.toFile())
                .start();
    }
}
