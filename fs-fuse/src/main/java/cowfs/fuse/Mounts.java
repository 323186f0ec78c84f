package cowfs.fuse;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume;
import cowfs.fuse.jnr.JnrSession;
import cowfs.fuse.kernel.KernelSession;
import cowfs.fuse.operation.Operations;
import cowfs.fuse.operation.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The mounts of this process.
///
/// Any number of them, of one pool or several. A subvolume has one at most: the kernel keeps sizes
/// and pages for each mount apart, so two would show each other's files out of date. Snapshots do
/// not change and have as many as one likes.
///
/// Thread safe.
public final class Mounts {
    /// Guarded by itself; also held while a mount is made, so that two can't take the same
    /// subvolume.
    private static final List<Entry> LIVE = new ArrayList<>();

    private Mounts() {}

    /// Mounts a subvolume or a snapshot, and returns when it can be used. The pool must stay open
    /// until {@link Mount#awaitUnmounted} has returned.
    ///
    /// @throws RequestException with what to do about it: of kind `NOT_FOUND` (ref, mount point,
    ///   `/dev/fuse`), `NOT_A_DIRECTORY`, `NOT_EMPTY`, `BUSY` (mount point or subvolume mounted
    ///   already, dead mount), `UNSUPPORTED` (libfuse 2 is not installed)
    public static Mount mount(Pool pool, Ref ref, Path directory, MountOptions options)
            throws IOException {
        Volume volume = pool.volume(ref);
        Target target = new Target(pool, ref, volume.treeId());
        boolean readOnly = options.readOnly() || pool.readOnly() || volume.readOnly();
        synchronized (LIVE) {
            requireFree(target);
            Path mountPoint = MountPoint.require(directory);
            Operations served =
                    new Operations(
                            pool,
                            operations(pool),
                            volume,
                            options.transport() == Transport.KERNEL);
            Session session =
                    start(options, mountPoint, served, readOnly, () -> ended(target, mountPoint));
            Mount mount = new Mount(target, mountPoint, readOnly, session);
            LIVE.add(new Entry(target, mount));
            return mount;
        }
    }

    private static Session start(
            MountOptions options,
            Path mountPoint,
            Operations served,
            boolean readOnly,
            Runnable onEnd)
            throws IOException {
        return switch (options.transport()) {
            case KERNEL ->
                    KernelSession.start(
                            mountPoint, served, options.toKernelOptions(readOnly), onEnd);
            case JNR ->
                    JnrSession.start(
                            mountPoint,
                            served,
                            options.toOptionText(readOnly),
                            options.threadCount(),
                            onEnd);
        };
    }

    /// The operations of a pool whose subvolumes may be mounted here: a snapshot or a clone has
    /// everything that programs have written before the call, and what is mounted can't be deleted.
    public static PoolOperations operations(Pool pool) {
        return new MountedPool(pool);
    }

    /// The mounts of a pool.
    public static List<Mount> of(Pool pool) {
        return live(pool).stream().map(Entry::mount).toList();
    }

    static List<Entry> live(Pool pool) {
        synchronized (LIVE) {
            return LIVE.stream().filter(entry -> entry.target().pool() == pool).toList();
        }
    }

    private static void requireFree(Target target) throws RequestException {
        if (target.ref().isSnapshot()) {
            return;
        }
        for (Entry entry : LIVE) {
            if (entry.target().isSameTree(target)) {
                Path where = entry.mount().directory();
                throw new RequestException(
                        ErrorKind.BUSY,
                        "'"
                                + target.ref()
                                + "' is mounted on "
                                + where
                                + " already; show it elsewhere too with: mount --bind "
                                + where
                                + " DIR");
            }
        }
    }

    private static void ended(Target target, Path directory) {
        synchronized (LIVE) {
            LIVE.removeIf(
                    entry ->
                            entry.target().isSameTree(target)
                                    && entry.mount().directory().equals(directory));
        }
    }

    /// A live mount and what it shows.
    record Entry(Target target, Mount mount) {}
}
