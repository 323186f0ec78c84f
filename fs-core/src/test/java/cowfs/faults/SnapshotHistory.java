package cowfs.faults;

import java.util.ArrayList;
import java.util.List;

/// What several threads did to one volume and when, and the check of a snapshot against it.
///
/// ```
///   thread 0   |--1--|   |--2--|      |---3---|
///   thread 1      |----1----|    |--2--|
///   snapshot                  |~~~~~~~~~~|        may hold 0:2..3 and 1:1..2, but not 0:3 without 1:2
///                                                 if 1:2 had returned before 0:3 was called
/// ```
///
/// Each thread's operations are numbered from 1, and no two threads touch the same thing, so that a
/// set of operations is known by how many of each thread are in it. A snapshot is *a state between
/// operations* exactly if its set holds every operation that had returned before it was asked for,
/// none that was called after it had returned, and with each operation all that had returned before
/// that one was called: such a set is the beginning of an order of all operations that agrees with
/// what the threads saw (Herlihy and Wing, "Linearizability", 1990).
///
/// Each thread logs its own operations; {@link #check} comes after all have ended.
final class SnapshotHistory {
    /// An operation or a snapshot, from its call to its return.
    record Interval(long called, long returned) {}

    private final List<List<Interval>> operations = new ArrayList<>();

    SnapshotHistory(int threads) {
        for (int i = 0; i < threads; i++) {
            operations.add(new ArrayList<>());
        }
    }

    /// Logs the next operation of a thread.
    void add(int thread, long called, long returned) {
        operations.get(thread).add(new Interval(called, returned));
    }

    /// @param counts how many operations of each thread a snapshot holds
    /// @throws AssertionError unless that is a state between operations
    void check(String name, Interval snapshot, int[] counts) {
        for (int thread = 0; thread < counts.length; thread++) {
            List<Interval> mine = operations.get(thread);
            int count = counts[thread];
            require(count <= mine.size(), name, thread, "holds an operation that nobody called");
            require(
                    count == mine.size() || mine.get(count).returned > snapshot.called,
                    name,
                    thread,
                    "lacks operation " + (count + 1) + ", which had returned before");
            if (count == 0) {
                continue;
            }
            Interval last = mine.get(count - 1);
            require(
                    last.called < snapshot.returned,
                    name,
                    thread,
                    "holds operation " + count + ", which was called afterwards");
            for (int other = 0; other < counts.length; other++) {
                List<Interval> others = operations.get(other);
                int next = counts[other];
                require(
                        next == others.size() || others.get(next).returned > last.called,
                        name,
                        thread,
                        "holds operation "
                                + count
                                + ", but not operation "
                                + (next + 1)
                                + " of thread "
                                + other
                                + ", which had returned before that was called");
            }
        }
    }

    private static void require(boolean holds, String name, int thread, String what) {
        if (!holds) {
            throw new AssertionError("snapshot " + name + ", thread " + thread + ": it " + what);
        }
    }
}
