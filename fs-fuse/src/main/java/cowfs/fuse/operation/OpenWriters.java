package cowfs.fuse.operation;

import java.util.HashMap;
import java.util.Map;

/// Which files are open for writing, and whether any has been since the last barrier: only of those
/// the kernel may have pages that it has not handed over.
///
/// Only a file that is open for writing can be written or mapped so, and the kernel keeps it open
/// for as long as the mapping stands. Thread safe.
public final class OpenWriters {
    /// How often each node is open.
    private final Map<Long, Integer> open = new HashMap<>();

    private boolean sinceBarrier;

    synchronized void opened(long node) {
        open.merge(node, 1, Integer::sum);
        sinceBarrier = true;
    }

    synchronized void closed(long node) {
        open.computeIfPresent(node, (key, count) -> count == 1 ? null : count - 1);
    }

    /// Whether the kernel may have more of a file than the engine.
    public synchronized boolean isOpen(long node) {
        return !open.isEmpty() && open.containsKey(node);
    }

    /// Whether a barrier has anything to wait for; the caller then does it. Files still open make
    /// the next one necessary too.
    public synchronized boolean beginBarrier() {
        boolean needed = sinceBarrier;
        sinceBarrier = !open.isEmpty();
        return needed;
    }

    /// The barrier that was begun has failed; the next one has its work to do.
    public synchronized void abandonBarrier() {
        sinceBarrier = true;
    }
}
