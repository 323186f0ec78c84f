package cowfs.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.model.RandomOperations.Plan;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Seeded random runs of a pool against the model, on a roomy image and on one that gets full, for
/// a class that says what pool that is.
public interface PoolModelContract extends RandomRunContract {
    long SMALL_IMAGE_BYTES = FormatOptions.MIN_SIZE_BYTES;

    @ParameterizedTest
    @MethodSource("cowfs.model.RandomRunContract#seeds")
    default void randomOperationsOnAFullImageFailCleanly(long seed) throws IOException {
        int stepCount = RandomRunContract.stepCount();
        Plan plan = new Plan(seed, stepCount, COMPARE_EVERY, SMALL_IMAGE_BYTES, true);
        int refusalCount = RandomOperations.run(plan, poolUnderTest());
        assertTrue(refusalCount > 0 || stepCount < STEP_COUNT, "the image was never full");
    }
}
