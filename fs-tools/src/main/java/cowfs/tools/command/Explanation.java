package cowfs.tools.command;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What the user is told while a command waits for something, once it has waited for a while.
final class Explanation {
    private Explanation() {}

    /// Waits, and explains it when that takes longer than `patience`.
    static <T> T during(Wait<T> wait, Duration patience, Runnable explain) throws IOException {
        CountDownLatch done = new CountDownLatch(1);
        Thread.ofVirtual()
                .start(
                        () -> {
                            if (!isDoneWithin(done, patience)) {
                                explain.run();
                            }
                        });
        try {
            return wait.await();
        } finally {
            done.countDown();
        }
    }

    private static boolean isDoneWithin(CountDownLatch done, Duration patience) {
        try {
            return done.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true; // nobody does that
        }
    }

    /// Something that takes its time.
    @FunctionalInterface
    interface Wait<T> {
        T await() throws IOException;
    }
}
