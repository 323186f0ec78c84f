package cowfs.fuse.jnr;

import java.util.concurrent.atomic.AtomicLong;

/// A thread that serves requests until the kernel ends the connection. There is a fixed number of
/// them, and they are Java threads: a thread of libfuse's own multi-threaded loop would have to be
/// attached to the virtual machine at each request.
final class LoopThread extends Thread {
    private final AtomicLong completedRequests = new AtomicLong();

    LoopThread(String name, Runnable loop) {
        super(loop, name);
        setDaemon(true);
    }

    /// Counts a request that this thread has served to its end.
    static void requestCompleted() {
        if (Thread.currentThread() instanceof LoopThread loop) {
            loop.completedRequests.setRelease(loop.completedRequests.getPlain() + 1);
        }
    }

    long completedRequests() {
        return completedRequests.getAcquire();
    }
}
