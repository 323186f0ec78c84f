package cowfs.model;

import cowfs.file.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The model's time in a random run: the number of the step, and when each step really ran.
///
/// So a time of the other pool, which has a real clock, says which step set it, and an operation
/// that forgets to move a time, or moves one too many, is found. Not thread safe.
final class StepClock {
    /// No random step sets a time as late as this; what lies above is a step's number.
    private static final long FIRST_STEP_SECONDS = 1L << 50;

    /// Clocks are read in other places and maybe coarsely.
    private static final Duration SLACK = Duration.ofMillis(5);

    private final List<Instant> begins = new ArrayList<>();
    private final List<Instant> ends = new ArrayList<>();

    /// Starts the next step.
    void begin() {
        begins.add(Timestamp.now().toInstant());
    }

    /// Ends the step. The model's part of it may run later.
    void end() {
        ends.add(Timestamp.now().toInstant());
    }

    /// Adds a step that ran before.
    void past(Instant begin, Instant end) {
        begins.add(begin);
        ends.add(end);
    }

    /// The time in the model.
    Timestamp now() {
        return new Timestamp(FIRST_STEP_SECONDS + begins.size() - 1, 0);
    }

    /// Whether a time in the model is that of a step and was not set by one.
    private static boolean isStep(Timestamp time) {
        return time.seconds() >= FIRST_STEP_SECONDS;
    }

    /// Whether the other pool's time is what the model's is.
    boolean agree(Timestamp expected, Timestamp actual) {
        if (!isStep(expected)) {
            return expected.equals(actual);
        }
        int step = (int) (expected.seconds() - FIRST_STEP_SECONDS);
        Instant time = actual.toInstant();
        return !time.isBefore(begins.get(step).minus(SLACK))
                && !time.isAfter(ends.get(step).plus(SLACK));
    }

    /// A time of the model, readable.
    static String text(Timestamp time) {
        return isStep(time) ? "step " + (time.seconds() - FIRST_STEP_SECONDS) : time.toString();
    }
}
