package cowfs.damage;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.function.ThrowingSupplier;

/// Runs something on a thread of its own and gives up when it takes too long; the error then says
/// where every thread of the engine stands.
final class Patience {
    private static final int MAX_FRAMES = 12;

    private Patience() {}

    /// Runs `body`.
    ///
    /// @return what it returns
    /// @throws AssertionError when it takes longer than `limit`; the thread is left behind
    static <T> T within(Duration limit, ThrowingSupplier<T> body) throws IOException {
        FutureTask<T> task = new FutureTask<>(() -> call(body));
        Thread thread = new Thread(task, "patience");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new AssertionError("not done after " + limit + ":" + stacks(), late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting", interrupted);
        } catch (ExecutionException failed) {
            throw rethrown(failed.getCause());
        }
    }

    private static <T> T call(ThrowingSupplier<T> body) throws Exception {
        try {
            return body.get();
        } catch (Exception | Error thrown) {
            throw thrown;
        } catch (Throwable other) {
            throw new AssertionError(other);
        }
    }

    private static IOException rethrown(Throwable cause) {
        return switch (cause) {
            case IOException known -> known;
            case RuntimeException known -> throw known;
            case Error known -> throw known;
            default -> throw new AssertionError(cause);
        };
    }

    /// Where the threads stand that have code of cowfs on their stack.
    private static String stacks() {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<Thread, StackTraceElement[]> each : Thread.getAllStackTraces().entrySet()) {
            StringBuilder frames = new StringBuilder();
            int count = 0;
            for (StackTraceElement frame : each.getValue()) {
                if (frame.getClassName().startsWith("cowfs.") && count++ < MAX_FRAMES) {
                    frames.append(" < ").append(frame);
                }
            }
            if (count > 0 && each.getKey() != Thread.currentThread()) {
                text.append(" [").append(each.getKey().getName()).append(' ');
                text.append(each.getKey().getState()).append(frames).append(']');
            }
        }
        return text.toString();
    }
}
