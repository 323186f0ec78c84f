package cowfs.txn;

import cowfs.error.PoolFailedException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// The first failure of a pool, which stops it: memory is then ahead of the device, and after a
/// failed flush nobody knows what the device holds. The pool can be read; every change and every
/// sync fails, until it is opened again. A latch is never let go.
///
/// Thread safe.
final class FailureLatch {
    private volatile @Nullable PoolFailedException failure;
    private long durableTxg;
    private Instant lastDurable = Instant.now();

    /// Takes note of what is durable: all that a failure from here on leaves.
    synchronized void durable(long txg) {
        durableTxg = txg;
        lastDurable = Instant.now();
    }

    /// Stops the pool. Later failures change nothing.
    ///
    /// @return what to tell whoever asked for what failed
    synchronized PoolFailedException fail(String what, @Nullable Throwable cause) {
        String why =
                cause == null
                        ? ""
                        : ": " + (cause.getMessage() == null ? cause : cause.getMessage());
        PoolFailedException failed =
                new PoolFailedException(
                        what
                                + why
                                + "; all changes after txg "
                                + durableTxg
                                + ", which was durable at "
                                + lastDurable.truncatedTo(ChronoUnit.SECONDS)
                                + ", are lost, and the pool is read-only now: unmount it, find out what is wrong with the image's"
                                + " disk (is it full?), and mount it again",
                        cause);
        if (failure == null) {
            failure = failed;
        }
        return failed;
    }

    /// Why the pool takes no more changes; null while it does.
    @Nullable PoolFailedException failure() {
        return failure;
    }

    /// @throws PoolFailedException once the pool has failed
    void requireSound() throws PoolFailedException {
        PoolFailedException failed = failure;
        if (failed != null) {
            throw new PoolFailedException(String.valueOf(failed.getMessage()), failed);
        }
    }
}
