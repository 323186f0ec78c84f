package cowfs.inode;

import cowfs.txn.LockOrder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The mutexes that order the content changes of one file: writes, truncation, allocation,
/// deletion. Striped: an inode number always meets the same mutex, different ones may share it.
///
/// **Lock order**, from the outside in; whoever holds one may take only those after it:
///
/// 1. an inode mutex, at most one at a time. It may be held across data I/O;
/// 2. the commit lock of the pool, taken when an allocation or an admission has to wait for a
///    commit;
/// 3. the gate of the open txg, taken by `FileTree.change`;
/// 4. the lock of the tree, taken by `FileTree.change` and `FileTree.read`. No data I/O below it.
///
/// A reader epoch is no lock, but commits and allocation may wait for it: it is entered before a
/// tree section of kind `read`, and left before any change, sync or allocation of the same thread.
///
/// Readers and operations on names take no inode mutex: one tree section is all they need.
public final class InodeLocks {
    private static final int STRIPES = 1024;
    private static final ThreadLocal<@Nullable ReentrantLock> HOLDING = new ThreadLocal<>();

    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

    public InodeLocks() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantLock();
        }
    }

    /// Takes the mutex of an inode; closing the result gives it back.
    ///
    /// @throws IllegalStateException when the thread holds one already
    Held lock(long inode) {
        if (HOLDING.get() != null) {
            throw new IllegalStateException(
                    "inode mutex wanted by a thread that holds one, inode " + inode);
        }
        ReentrantLock stripe = stripes[stripe(inode)];
        assert LockOrder.take(LockOrder.Rank.INODE);
        stripe.lock();
        HOLDING.set(stripe);
        return () -> {
            HOLDING.remove();
            stripe.unlock();
            assert LockOrder.give(LockOrder.Rank.INODE);
        };
    }

    private static int stripe(long inode) {
        return (int) ((inode * 0x9e3779b97f4a7c15L) >>> 54);
    }

    /// A mutex that is held.
    @FunctionalInterface
    interface Held extends AutoCloseable {
        @Override
        void close();
    }
}
