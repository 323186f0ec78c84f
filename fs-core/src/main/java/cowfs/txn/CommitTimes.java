package cowfs.txn;

import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/// How many commits there were since a pool was opened, and how long they took. Thread safe.
final class CommitTimes {
    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAccumulator longest = new LongAccumulator(Math::max, 0);
    private final LongAccumulator longestFreeze = new LongAccumulator(Math::max, 0);

    void add(long commitNanos, long freezeNanos) {
        count.increment();
        nanos.add(commitNanos);
        longest.accumulate(commitNanos);
        longestFreeze.accumulate(freezeNanos);
    }

    long count() {
        return count.sum();
    }

    long totalNanos() {
        return nanos.sum();
    }

    long longestNanos() {
        return longest.get();
    }

    long longestFreezeNanos() {
        return longestFreeze.get();
    }
}
