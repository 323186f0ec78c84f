package cowfs.fuse.mounted;

import cowfs.api.Ref;
import cowfs.fuse.MountOptions;
import cowfs.fuse.Mounts;
import cowfs.model.ModelPools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/// Another process that mounts something and is killed.
public final class DyingDaemon implements AutoCloseable {
    private static final String SOURCE = "dead.img";

    private final Path directory;

    private DyingDaemon(Path directory) {
        this.directory = directory;
    }

    /// Leaves a dead mount on a directory, until it is closed.
    public static DyingDaemon mountAndKill(Path directory)
            throws IOException, InterruptedException {
        String java = ProcessHandle.current().info().command().orElseThrow();
        Process process =
                new ProcessBuilder(
                                java,
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DyingDaemon.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var output = process.inputReader(StandardCharsets.UTF_8)) {
            String line = output.readLine();
            if (!"mounted".equals(line)) {
                throw new IOException("the daemon said " + line);
            }
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
        return new DyingDaemon(directory);
    }

    /// The same of a daemon that serves through io_uring.
    public static DyingDaemon mountOnRingsAndKill(Path directory)
            throws IOException, InterruptedException {
        try (EnabledRings rings = EnabledRings.now()) {
            Objects.requireNonNull(rings);
            return mountAndKill(directory);
        }
    }

    /// Removes the dead mount if it is still there.
    @Override
    public void close() throws IOException, InterruptedException {
        Shell.in(Path.of("/"))
                .run(
                        "! grep '^"
                                + SOURCE
                                + " "
                                + directory
                                + " ' /proc/mounts || umount -l "
                                + directory);
    }

    /// The process itself.
    public static void main(String[] arguments) throws Exception {
        Mounts.mount(ModelPools.create(), Ref.MAIN, Path.of(arguments[0]), MountOptions.of(SOURCE));
        System.out.println("mounted");
        Thread.currentThread().join();
    }
}
