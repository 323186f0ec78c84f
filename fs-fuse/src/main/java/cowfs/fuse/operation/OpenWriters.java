package cowfs.fuse.operation;

/// Whether the kernel may have dirty pages of a mapping: the count of files open for writing, and
/// whether there has been any since the last barrier.
///
/// Only a file that is open for writing can be mapped so, and the kernel keeps it open for as long
/// as the mapping stands. Thread safe.
public final class OpenWriters {
    private long open;
    private boolean sinceBarrier;

    synchronized void opened() {
        open++;
        sinceBarrier = true;
    }

    synchronized void closed() {
        open--;
    }

    /// Whether a barrier has anything to wait for; the caller then does it. Files still open make
    /// the next one necessary too.
    public synchronized boolean beginBarrier() {
        boolean needed = sinceBarrier;
        sinceBarrier = open > 0;
        return needed;
    }

    /// The barrier that was begun has failed; the next one has its work to do.
    public synchronized void abandonBarrier() {
        sinceBarrier = true;
    }
}
