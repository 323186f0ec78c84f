package cowfs.tools.daemon;

import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.tools.control.Log;
import cowfs.tools.policy.PolicyRun;
import cowfs.tools.text.ErrorText;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Runs the policies of a served pool, every half minute, on a thread of its own.
///
/// What it does goes to the log; a failure once, until there is another one or it works again.
final class PolicyTimer implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(30);

    private final PoolOperations pool;
    private final Log log;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("policies").daemon().factory());
    private String failure = "";

    private PolicyTimer(PoolOperations pool, Log log) {
        this.pool = pool;
        this.log = log;
    }

    static PolicyTimer start(PoolOperations pool, Log log) {
        PolicyTimer timer = new PolicyTimer(pool, log);
        // says nothing before the thread ends: failures are handled where they happen
        Future<?> _ =
                timer.thread.scheduleWithFixedDelay(
                        timer::run, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        return timer;
    }

    private void run() {
        String now = "";
        try {
            PolicyRun.Result result = PolicyRun.run(pool, Instant.now());
            for (Ref each : result.taken()) {
                log.write("policy: took " + each);
            }
            for (Ref each : result.deleted()) {
                log.write("policy: deleted " + each);
            }
        } catch (IOException e) {
            now = ErrorText.describe(e);
        } catch (RuntimeException | Error defect) {
            // thrown on, it would end the timer without a word
            log.write("policies were not run", defect);
        }
        if (!now.isEmpty() && !now.equals(failure)) {
            log.write("policies were not run: " + now);
        }
        failure = now;
    }

    /// Waits for the run under way, if there is one.
    @Override
    public void close() {
        thread.close();
    }
}
