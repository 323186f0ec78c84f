package cowfs.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.model.RandomOperations.Plan;
import java.io.IOException;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Seeded random runs of a pool against the model, for a class that says what pool that is.
///
/// `-Dcowfs.seed=N` runs only that seed, `-Dcowfs.steps=N` sets the number of steps.
public interface PoolModelContract {
    int STEP_COUNT = 2000;
    long ROOMY_IMAGE_BYTES = 512L << 20;
    long SMALL_IMAGE_BYTES = FormatOptions.MIN_SIZE_BYTES;

    /// A new image for one run.
    PoolUnderTest poolUnderTest() throws IOException;

    /// Whether the pool ever says that it is full, so that a run on a small image has to meet that.
    default boolean runsOutOfSpace() {
        return true;
    }

    static LongStream seeds() {
        Long seed = Long.getLong(RandomOperations.SEED_PROPERTY);
        return seed == null ? LongStream.rangeClosed(1, 8) : LongStream.of(seed);
    }

    private static int stepCount() {
        return Integer.getInteger(RandomOperations.STEPS_PROPERTY, STEP_COUNT);
    }

    @ParameterizedTest
    @MethodSource("cowfs.model.PoolModelContract#seeds")
    default void randomOperationsDoWhatTheModelDoes(long seed) throws IOException {
        Plan plan = new Plan(seed, stepCount(), 250, ROOMY_IMAGE_BYTES, false);
        RandomOperations.run(plan, poolUnderTest());
    }

    @ParameterizedTest
    @MethodSource("cowfs.model.PoolModelContract#seeds")
    default void randomOperationsOnAFullImageFailCleanly(long seed) throws IOException {
        Plan plan = new Plan(seed, stepCount(), 250, SMALL_IMAGE_BYTES, true);
        int refusalCount = RandomOperations.run(plan, poolUnderTest());
        if (runsOutOfSpace() && stepCount() >= STEP_COUNT) {
            assertTrue(refusalCount > 0, "the image was never full");
        }
    }
}
