package cowfs.txn;

import java.util.EnumMap;

/// Watches that every thread takes locks in the one order that there is; a thread that holds one
/// never asks for one further left:
///
/// ```
///   inode lock  >  commit lock  >  gate  >  tree lock  >  leaves:
///                                                 log, deferred frees  >  space map  >  space tree
/// ```
///
/// Whoever takes one of the first four says so in an `assert`, and so do those who give it back:
/// tests run with assertions and watch the order all the time, a daemon runs without and pays
/// nothing. A lock may be taken again by a thread that holds one of its rank. The leaves are
/// monitors, and who takes a commit lock or the gate asserts that it holds none.
public final class LockOrder {
    /// From the first to be taken to the last.
    public enum Rank {
        INODE,
        COMMIT,
        GATE,
        TREE
    }

    private static final ThreadLocal<EnumMap<Rank, Integer>> HELD =
            ThreadLocal.withInitial(() -> new EnumMap<>(Rank.class));

    private LockOrder() {}

    /// Notes that this thread is about to take a lock.
    ///
    /// @return true
    /// @throws AssertionError when it holds one that must be taken later
    public static boolean take(Rank rank) {
        EnumMap<Rank, Integer> held = HELD.get();
        if (held.keySet().stream().anyMatch(later -> later.compareTo(rank) > 0)) {
            throw new AssertionError(
                    "lock order: " + rank + " wanted by a thread that holds " + held.keySet());
        }
        held.merge(rank, 1, Integer::sum);
        return true;
    }

    /// Notes that this thread has given a lock back.
    ///
    /// @return true
    public static boolean give(Rank rank) {
        EnumMap<Rank, Integer> held = HELD.get();
        if (!held.containsKey(rank)) {
            throw new AssertionError("lock order: " + rank + " given back and not held");
        }
        held.computeIfPresent(rank, (_, count) -> count == 1 ? null : count - 1);
        return true;
    }
}
