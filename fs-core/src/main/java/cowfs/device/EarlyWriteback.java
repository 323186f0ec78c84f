package cowfs.device;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Makes the host begin with writing soon after much was written, on a thread of its own.
///
/// Left alone, a host lets written data lie in memory for many seconds. A flush then waits for all
/// of it: someone's small fsync pays for someone else's large copy. With this the medium is busy
/// from the start, and a flush waits for little more than what the medium has not kept up with.
/// Writers are not held up.
///
/// Thread safe. The thread comes with the first need and ends when there is none. Where no thread
/// is to be had the host begins in its own time.
final class EarlyWriteback {
    /// Written bytes after which the host is told.
    static final long STEP_BYTES = 8L << 20;

    private final Runnable start;
    private final ThreadFactory threads;
    private final AtomicLong untoldBytes = new AtomicLong();
    private final AtomicBoolean running = new AtomicBoolean();

    /// @param start tells the host; may take long; throws nothing
    EarlyWriteback(Runnable start) {
        this(start, Thread.ofPlatform().daemon().name("cowfs-writeback").factory());
    }

    EarlyWriteback(Runnable start, ThreadFactory threads) {
        this.start = start;
        this.threads = threads;
    }

    /// Counts what was written and tells the host when it is enough.
    void wrote(long lengthBytes) {
        if (untoldBytes.addAndGet(lengthBytes) >= STEP_BYTES
                && running.compareAndSet(false, true)) {
            try {
                threads.newThread(this::run).start();
            } catch (OutOfMemoryError e) { // what the JVM says at a limit of threads
                untoldBytes.set(0);
                running.set(false);
            }
        }
    }

    private void run() {
        do {
            while (untoldBytes.get() >= STEP_BYTES) {
                untoldBytes.set(0);
                start.run();
            }
            running.set(false);
            // a writer may have come to the threshold just before that
        } while (untoldBytes.get() >= STEP_BYTES && running.compareAndSet(false, true));
    }
}
