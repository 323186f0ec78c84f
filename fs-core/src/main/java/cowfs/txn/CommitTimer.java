package cowfs.txn;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// The thread that commits what nobody has asked to be durable, every few seconds.
final class CommitTimer {
    private static final System.Logger LOG = System.getLogger("cowfs.txn");

    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "cowfs-commit");
                        thread.setDaemon(true);
                        return thread;
                    });

    private final Runnable tick;

    private CommitTimer(Runnable tick) {
        this.tick = tick;
    }

    static CommitTimer start(PoolStore store, Duration interval) {
        Runnable tick =
                () -> {
                    try {
                        store.tick();
                    } catch (IOException failed) {
                        // the store has latched the failure: the next change and every fsync report
                        // it
                        LOG.log(System.Logger.Level.ERROR, failed.getMessage());
                    } catch (RuntimeException | Error defect) {
                        // an executor drops a task that throws, without a word: what is written
                        // would not become durable by itself any more
                        LOG.log(
                                System.Logger.Level.ERROR,
                                "the timer of commits met a defect, and goes on",
                                defect);
                    }
                };
        CommitTimer timer = new CommitTimer(tick);
        ScheduledFuture<?> running =
                timer.executor.scheduleWithFixedDelay(
                        tick, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        LOG.log(
                System.Logger.Level.DEBUG,
                "commits at the latest every {0}: {1}",
                interval,
                running);
        return timer;
    }

    /// Commits as soon as the thread is free.
    void hurry() {
        try {
            executor.execute(tick);
        } catch (RejectedExecutionException stopped) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "the last commit will do: {0}",
                    stopped.getMessage());
        }
    }

    /// Stops; a commit that is running is waited for.
    void stop() {
        executor.shutdown();
        boolean interrupted = false;
        while (!executor.isTerminated()) {
            try {
                executor.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
