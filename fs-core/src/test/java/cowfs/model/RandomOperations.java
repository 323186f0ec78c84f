package cowfs.model;

import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.file.Timestamp;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/// A run of seeded random operations on a pool and on the model, with all results compared, and all
/// trees every so many steps.
///
/// The pool under test may say `NO_SPACE` where the model has room, if it then changed nothing. A
/// failure is an {@link AssertionError} that names the seed, the step and the operations before it.
/// Errors of time are found by {@link StepClock}.
public final class RandomOperations {
    static final String SEED_PROPERTY = "cowfs.seed";
    static final String STEPS_PROPERTY = "cowfs.steps";

    private static final int LOGGED_STEPS = 30;
    private static final int STEPS_SHORT_OF_SPACE = 5;
    private static final int COMPARED_REFUSALS = 8;

    private final Plan plan;
    private final StepClock clock = new StepClock();
    private final Side expected;
    private final Side actual;
    private final ModelPoolUnderTest model;
    private final RandomSteps steps;
    private final Deque<String> log = new ArrayDeque<>();
    private int refusalCount;
    private int stepsShortOfSpace;

    /// @param seed makes the run repeatable
    /// @param compareEvery steps between comparisons of everything
    /// @param imageBytes size of the image of the pool under test
    /// @param filling whether to write enough to fill a small image
    public record Plan(
            long seed, int stepCount, int compareEvery, long imageBytes, boolean filling) {}

    private RandomOperations(Plan plan, PoolUnderTest tested) throws IOException {
        this.plan = plan;
        clock.begin();
        actual = new Side(tested, plan.imageBytes());
        clock.end();
        model = new ModelPoolUnderTest(this::now);
        expected = new Side(model, plan.imageBytes());
        steps = new RandomSteps(plan, model, expected);
    }

    private Timestamp now() {
        return clock.now();
    }

    /// Does the whole run, and closes and checks the image at its end.
    ///
    /// @return how often the pool under test was out of space
    public static int run(Plan plan, PoolUnderTest tested) throws IOException {
        return new RandomOperations(plan, tested).runAll();
    }

    private int runAll() {
        int number = 0;
        try {
            while (number < plan.stepCount()) {
                number++;
                runOne(number);
                if (number % plan.compareEvery() == 0) {
                    compareAll();
                }
            }
            compareAll();
            actual.reopen();
            expected.reopen();
            compareAll();
            actual.close();
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(report(number, e), e);
        }
        return refusalCount;
    }

    private void runOne(int number) throws IOException {
        Step step = steps.next(stepsShortOfSpace > 0);
        stepsShortOfSpace = Math.max(0, stepsShortOfSpace - 1);
        if (log.size() == LOGGED_STEPS) {
            log.removeFirst();
        }
        log.addLast(number + " " + step.text());
        clock.begin();
        Step.Outcome found = step.apply(actual);
        clock.end();
        log.addLast(log.removeLast() + " -> " + found);
        if (found.failure() == ErrorKind.NO_SPACE && step.needsSpace()) {
            stepsShortOfSpace = STEPS_SHORT_OF_SPACE;
            if (refusalCount++ % COMPARED_REFUSALS == 0) {
                compareAll();
            }
            return;
        }
        if (found.failure() == ErrorKind.BUSY && step.pin() >= 0 && plan.filling()) {
            actual.endPin(step.pin());
            expected.endPin(step.pin());
            return;
        }
        TreeComparison.require(step.text(), "result", step.apply(expected), found);
    }

    private void compareAll() throws IOException {
        String wanted = PoolSteps.listing(expected.pool());
        TreeComparison.require("pool", "list", wanted, PoolSteps.listing(actual.pool()));
        for (SubvolumeInfo info : expected.pool().list()) {
            Ref ref = info.ref();
            new TreeComparison(model.pool().volume(ref), actual.volume(ref), clock).compareAll();
        }
        TreeComparison.require(
                "pool", "handles", expected.handles().keySet(), actual.handles().keySet());
        for (Map.Entry<Integer, Side.Handle> each : expected.handles().entrySet()) {
            Side.Handle mine = each.getValue();
            Side.Handle other = actual.handle(each.getKey());
            if (mine.volume() instanceof ModelVolume volume) {
                new TreeComparison(volume, other.volume(), clock)
                        .compareInode("handle " + each.getKey(), mine.inode(), other.inode());
            }
        }
    }

    private String report(int number, Throwable failure) {
        return String.format(
                "seed=%d step=%d: %s%nrepeat with -D%s=%d -D%s=%d; the last operations:%n%s",
                plan.seed(),
                number,
                failure,
                SEED_PROPERTY,
                plan.seed(),
                STEPS_PROPERTY,
                plan.stepCount(),
                String.join(System.lineSeparator(), log));
    }
}
