package cowfs.tools.place;

import cowfs.api.Images;
import cowfs.api.LostNode;
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
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Finds the pool that a `POOL` argument means and the way to it: through the daemon that serves it
/// or, when it is not mounted, by opening the image.
public final class PoolLocator {
    /// How long a command waits for another one, or for a daemon that is closing, to give the image
    /// free.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final long POLL_MILLIS = 50;

    private PoolLocator() {}

    /// Opens the pool that `POOL` means, waiting a little while somebody else is opening or closing
    /// it.
    public static PoolSession open(Path pool, OpenOptions options) throws IOException {
        return open(pool, image -> Images.open(image, options));
    }

    /// The same; an image that is not mounted is opened by `opener`.
    public static PoolSession open(Path pool, ImageOpener opener) throws IOException {
        MountPoint point = MountPoint.of(pool);
        if (!point.isStale() && !Files.isDirectory(pool)) {
            return openImage(ImageFile.require(pool), opener);
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
        Optional<PoolSession> served = openWaiting(mount.image(), () -> connect(mount));
        if (served.isPresent()) {
            return served.get();
        }
        if (!Files.exists(mount.image())) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "the image "
                            + mount.source()
                            + " that is mounted on "
                            + mount.directory()
                            + " is no longer there, and no daemon of yours serves it; name it by its new path");
        }
        return openImage(mount.image(), opener);
    }

    private static PoolSession openImage(Path image, ImageOpener opener) throws IOException {
        Endpoint endpoint = Endpoint.of(image);
        return openWaiting(
                image,
                () -> {
                    Optional<PoolSession> served = connect(image, endpoint);
                    return served.isPresent() ? served.get() : openFile(image, opener);
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

    /// The session with the daemon that serves a mount, whatever has become of the name of its
    /// image; empty when no daemon of this user does.
    public static Optional<PoolSession> connect(MountTable.Entry mount) throws IOException {
        Optional<PoolSession> named = Optional.empty();
        if (Files.exists(mount.image())) {
            named = connect(mount.image(), Endpoint.of(mount.image()));
            if (named.isPresent() && serves(named.get(), mount)) {
                return named;
            }
        }
        for (Endpoint endpoint : Endpoint.all()) {
            Optional<PoolSession> other = connectUnlessClosing(mount.image(), endpoint);
            if (other.isPresent()) {
                if (serves(other.get(), mount)) {
                    named.ifPresent(PoolLocator::closeQuietly);
                    return other;
                }
                closeQuietly(other.get());
            }
        }
        return named;
    }

    /// A mount may be shown in several places, of which the daemon knows the first.
    private static boolean serves(PoolSession session, MountTable.Entry mount) throws IOException {
        MountTable table = MountTable.read();
        for (MountService.ServedMount served : session.mounts().orElseThrow().status().mounts()) {
            if (table.at(served.directory())
                    .filter(entry -> entry.device().equals(mount.device()))
                    .isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static Optional<PoolSession> connectUnlessClosing(Path image, Endpoint endpoint)
            throws IOException {
        try {
            return connect(image, endpoint);
        } catch (CowException e) {
            if (e.kind() == ErrorKind.BUSY) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void closeQuietly(PoolSession session) {
        try {
            session.close();
        } catch (IOException e) {
            // nothing was asked of it
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
            Path now = Processes.pathOf(mounts.status().pid(), endpoint.identity()).orElse(image);
            RemotePool pool = new RemotePool(client);
            return Optional.of(new PoolSession(now, pool, Optional.of(mounts), client));
        } catch (IOException e) {
            client.close();
            if (client.isGone()) {
                return Optional.empty(); // it was ending just then
            }
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
    private static ImageException inUse(Path image) throws IOException {
        String holder = Processes.lockHolder(image);
        List<MountTable.Entry> mounts = mountsOf(image);
        return new ImageException(
                ErrorKind.BUSY,
                mounts.isEmpty()
                        ? image
                                + " is in use by "
                                + holder
                                + "; wait until it is done, or umount it"
                        : image
                                + " is mounted on "
                                + mounts.stream()
                                        .map(mount -> mount.directory().toString())
                                        .collect(Collectors.joining(", "))
                                + " by "
                                + mounts.getFirst().user()
                                + ", in use by "
                                + holder
                                + "; umount it first");
    }

    /// Where an image is mounted by that name, by whomever.
    public static List<MountTable.Entry> mountsOf(Path image) throws IOException {
        return MountTable.read().all().stream()
                .filter(entry -> entry.isCowfs() && entry.image().equals(image))
                .toList();
    }

    private static PoolSession openFile(Path image, ImageOpener opener) throws IOException {
        Pool pool = opener.open(image);
        return new PoolSession(image, pool, Optional.empty(), pool);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the image", e);
        }
    }

    /// Opens an image that no daemon of this user serves.
    @FunctionalInterface
    public interface ImageOpener {
        Pool open(Path image) throws IOException;
    }

    /// An opener for reading as much as can be read of an image that nobody writes to.
    ///
    /// @param losses told of what can't be read
    public static ImageOpener reading(LostNode.Listener losses) {
        return image -> {
            requireUnlocked(image);
            return Images.openDamaged(image, losses);
        };
    }

    /// Checks that nobody has an image open for writing: who reads takes no lock, and must not read
    /// what changes under its hands.
    ///
    /// @throws ImageException `BUSY`
    public static void requireUnlocked(Path image) throws IOException {
        if (Processes.isLocked(image)) {
            throw new ImageException(ErrorKind.BUSY, image + " is in use");
        }
    }

    /// One attempt.
    @FunctionalInterface
    public interface Opening<T> {
        T open() throws IOException;
    }
}
