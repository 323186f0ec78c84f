package cowfs.model;

import cowfs.model.RandomOperations.Plan;
import java.io.IOException;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Seeded random runs of a pool with plenty of space against the model.
///
/// `-Dcowfs.seed=N` runs only that seed, `-Dcowfs.steps=N` sets the number of steps.
public interface RandomRunContract {
    int STEP_COUNT = 2000;
    int COMPARE_EVERY = 250;
    long ROOMY_IMAGE_BYTES = 512L << 20;

    /// A new image for one run.
    PoolUnderTest poolUnderTest() throws IOException;

    static LongStream seeds() {
        Long seed = Long.getLong(RandomOperations.SEED_PROPERTY);
        return seed == null ? LongStream.rangeClosed(1, 8) : LongStream.of(seed);
    }

    static int stepCount() {
        return Integer.getInteger(RandomOperations.STEPS_PROPERTY, STEP_COUNT);
    }

    @ParameterizedTest
    @MethodSource("cowfs.model.RandomRunContract#seeds")
    default void randomOperationsDoWhatTheModelDoes(long seed) throws IOException {
        Plan plan = new Plan(seed, stepCount(), COMPARE_EVERY, ROOMY_IMAGE_BYTES, false);
        RandomOperations.run(plan, poolUnderTest());
    }
}
