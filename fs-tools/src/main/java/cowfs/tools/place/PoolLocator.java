package cowfs.tools.place;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.error.RequestException;
import cowfs.tools.control.ControlClient;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.MountService;
import cowfs.tools.control.RemoteMounts;
import cowfs.tools.control.RemotePool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Finds the pool that a `POOL` argument means and the way to it: through the daemon that serves it
/// or, when it is not mounted, by opening the image.
public final class PoolLocator {
    /// How long a command waits for another one, or for a daemon that is closing, to give the image
    /// free.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final long POLL_MILLIS = 50;

    private PoolLocator() {}

    /// The image that `POOL` means: itself, or that of the mount around a directory.
    public static Path image(Path pool) throws IOException {
        MountPoint point = MountPoint.of(pool);
        if (!point.isStale() && !Files.isDirectory(pool)) {
            return ImageFile.require(pool);
        }
        MountTable.Entry mount =
                MountTable.read()
                        .around(point.directory())
                        .filter(MountTable.Entry::isCowfs)
                        .orElseThrow(
                                () ->
                                        new RequestException(
                                                ErrorKind.INVALID,
                                                pool
                                                        + " is a directory outside of any cowfs mount; name an"
                                                        + " image file or a directory in a mount"));
        if (!Files.exists(mount.image())) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "the image "
                            + mount.source()
                            + " that is mounted on "
                            + mount.directory()
                            + " is no longer there; name it by its new path");
        }
        return mount.image();
    }

    /// Opens a pool, waiting a little while somebody else is opening or closing it.
    public static PoolSession open(Path pool, OpenOptions options) throws IOException {
        Path image = image(pool);
        Endpoint endpoint = Endpoint.of(image);
        return openWaiting(
                image,
                () -> {
                    Optional<PoolSession> served = connect(image, endpoint);
                    return served.isPresent() ? served.get() : openFile(image, options);
                });
    }

    /// Opens something, and again for a little while as long as the image is `BUSY`.
    public static <T> T openWaiting(Path image, Opening<T> opening) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return opening.open();
            } catch (CowException e) {
                if (e.kind() != ErrorKind.BUSY) {
                    throw e;
                }
                if (System.nanoTime() - deadline > 0) {
                    throw inUse(image);
                }
                pause();
            }
        }
    }

    /// The session with the daemon that serves an image; empty when there is none.
    ///
    /// @throws CowException `BUSY` when the daemon is closing
    public static Optional<PoolSession> connect(Path image, Endpoint endpoint) throws IOException {
        Optional<ControlClient> found = ControlClient.connect(endpoint);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ControlClient client = found.get();
        try {
            MountService mounts = new RemoteMounts(client);
            mounts.status();
            RemotePool pool = new RemotePool(client, () -> writeBack(mounts.status()));
            return Optional.of(new PoolSession(image, pool, Optional.of(mounts), client));
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    /// Checks that an image is not mounted.
    public static void requireUnmounted(Path image) throws IOException {
        Endpoint endpoint = Endpoint.of(image);
        try (PoolSession session =
                openWaiting(image, () -> connect(image, endpoint)).orElse(null)) {
            if (session == null) {
                return;
            }
            MountService.Status status = session.mounts().orElseThrow().status();
            String where =
                    status.mounts().isEmpty()
                            ? "being mounted"
                            : "mounted on " + status.mounts().getFirst().directory();
            throw new ImageException(ErrorKind.BUSY, image + " is " + where + "; umount it first");
        }
    }

    /// The failure to report for an image that stays locked.
    private static ImageException inUse(Path image) {
        return new ImageException(
                ErrorKind.BUSY,
                image
                        + " is in use by "
                        + Processes.lockHolder(image)
                        + "; wait until it is done, or umount it");
    }

    private static PoolSession openFile(Path image, OpenOptions options) throws IOException {
        Pool pool = Images.open(image, options);
        return new PoolSession(image, pool, Optional.empty(), pool);
    }

    /// Mounts that this process does not see have no dirty pages that it could answer for.
    private static void writeBack(MountService.Status status) throws IOException {
        MountTable table = MountTable.read();
        for (MountService.ServedMount mount : status.mounts()) {
            if (!mount.readOnly()
                    && table.at(mount.directory())
                            .filter(
                                    entry ->
                                            entry.isCowfs() && entry.image().equals(status.image()))
                            .isPresent()) {
                Unmounting.writeBack(mount.directory());
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the image", e);
        }
    }

    /// One attempt.
    @FunctionalInterface
    public interface Opening<T> {
        T open() throws IOException;
    }
}
