package cowfs.fuse.kernel;

import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.ErrnoException;
import cowfs.fuse.operation.NodeId;
import java.util.concurrent.atomic.AtomicLong;

/// Which content of the mounted subvolume the kernel has been told of: it goes up when all of it is
/// replaced by another (a rollback).
///
/// Inode numbers stay the same then, and the kernel would go on to believe what it knows of them;
/// in its writeback cache even the size. So every entry carries the generation of its content, and
/// the kernel gives up an inode when its number comes back with another one. Every open file
/// carries it too, as its handle: what was opened before is stale, so that no write meant for the
/// old content reaches the new.
///
/// Snapshots never change; their files keep the first generation.
///
/// Thread safe.
final class Generation {
    /// The handle of what was never opened: see {@link KernelOptions#answersOpen}.
    private static final long NO_HANDLE = 0;

    private final AtomicLong current = new AtomicLong();

    /// Ends the current content.
    void advance() {
        current.incrementAndGet();
    }

    /// The generation that an entry is marked with.
    long of(long node) {
        return NodeId.isInSnapshot(node) ? 0 : current.get();
    }

    /// The handle for what is opened now.
    long handle(long node) {
        return of(node) + 1;
    }

    /// @throws ErrnoException `ESTALE` for a handle from before
    void requireCurrent(long node, long handle) throws ErrnoException {
        if (handle != NO_HANDLE && handle != handle(node)) {
            throw new ErrnoException(
                    Errno.ESTALE, "the file was opened before its subvolume was replaced");
        }
    }
}
