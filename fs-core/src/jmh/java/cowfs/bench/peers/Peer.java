package cowfs.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A mounted filesystem that is measured, on a sparse image of its own in the bench's directory.
///
/// One thread uses it. Closing unmounts it, ends its daemon and removes the image.
abstract class Peer implements AutoCloseable {
    static final String IMAGE_SIZE = "8G";

    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final String name;
    private final Path image;
    private final Path mountPoint;
    private @Nullable Process daemon;

    Peer(String name, Path home) throws IOException {
        this.name = name;
        this.image = home.resolve(name + ".img");
        this.mountPoint = Files.createDirectories(home.resolve(name));
    }

    final String name() {
        return name;
    }

    final Path image() {
        return image;
    }

    final Path mountPoint() {
        return mountPoint;
    }

    /// Makes an empty filesystem and mounts it.
    abstract void create() throws IOException;

    /// Mounts what is in the image.
    abstract void mount() throws IOException;

    abstract void unmount() throws IOException;

    /// Makes everything durable, unmounts and mounts again: the filesystem and the kernel have
    /// forgotten what they cached, the image is still in the host's page cache.
    void remount() throws IOException {
        unmount();
        mount();
    }

    /// Whether files can be opened with `O_DIRECT`.
    boolean hasDirectIo() {
        return true;
    }

    /// Takes a snapshot of everything.
    ///
    /// @return false when this filesystem has none
    boolean snapshot(String snapshotName) throws IOException {
        return false;
    }

    /// Deletes a snapshot; its space may come back later.
    void deleteSnapshot(String snapshotName) throws IOException {
        throw new IOException(name + " has no snapshots");
    }

    @Override
    public void close() throws IOException {
        try {
            unmount();
        } finally {
            Files.deleteIfExists(image);
        }
    }

    final void sparseImage() throws IOException {
        Files.deleteIfExists(image);
        run("truncate", "-s", IMAGE_SIZE, image.toString());
    }

    final void run(String... command) throws IOException {
        Shell.run(mountPoint.getRoot(), command);
    }

    /// Runs a command again until it succeeds: some filesystems say that they are busy for a moment
    /// after they were used.
    final void runPatiently(String... command) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                run(command);
                return;
            } catch (IOException e) {
                if (System.nanoTime() - start > PATIENCE_NANOS) {
                    throw e;
                }
                pause();
            }
        }
    }

    /// Starts a daemon that stays in the foreground, and waits until its mount is there.
    final void startDaemon(String... command) throws IOException {
        daemon =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        long start = System.nanoTime();
        while (!isMounted()) {
            if (!daemon.isAlive() || System.nanoTime() - start > PATIENCE_NANOS) {
                daemon.destroy();
                throw new IOException(name + " did not mount: " + String.join(" ", command));
            }
            pause();
        }
    }

    /// Waits for the end of the daemon, which writes the rest of its data after the unmount.
    final void awaitDaemon() throws IOException {
        if (daemon != null) {
            Shell.waitFor(daemon);
            daemon = null;
        }
    }

    private boolean isMounted() throws IOException {
        String mounts = Files.readString(Path.of("/proc/self/mounts"));
        return mounts.contains(" " + mountPoint + " ");
    }

    /// There is nothing to wait on for a mount to appear or a pool to be idle: it is polled.
    private static void pause() throws IOException {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
