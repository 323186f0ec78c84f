package cowfs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.file.Timestamp;
import cowfs.model.RandomOperations.Plan;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Random runs of one model against another: they agree, and each of many faults put into one of
/// them is found.
final class RandomOperationsTest implements RandomRunContract {
    private static final long ROOMY = RandomRunContract.ROOMY_IMAGE_BYTES;

    @Override
    public PoolUnderTest poolUnderTest() {
        return new ModelPoolUnderTest(Timestamp::now);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFaultIsFound(Fault fault) {
        Plan plan = new Plan(7, 4000, 100, ROOMY, false);
        FaultyPool faulty = new FaultyPool(fault);
        AssertionError found =
                assertThrows(AssertionError.class, () -> RandomOperations.run(plan, faulty));
        assertTrue(faulty.count() > 0, "the fault never came");
        String message = String.valueOf(found.getMessage());
        assertTrue(message.startsWith("seed=7 step="), message);
        assertTrue(message.contains("repeat with -Dcowfs.seed=7"), message);
    }

    @Test
    void refusingForSpaceIsNoFaultWhenNothingChanged() throws IOException {
        RefusingPool refusing = new RefusingPool(11);
        int refusalCount = RandomOperations.run(new Plan(3, 1500, 100, ROOMY, false), refusing);
        assertTrue(refusalCount > 20, "refused only " + refusalCount);
        assertEquals(refusing.count(), refusalCount);
    }

    @Test
    void aSeedGivesTheSameRunAgain() {
        String first = log(7);
        assertEquals(first, log(7));
        assertTrue(!first.equals(log(8)), "another seed gave the same run");
    }

    /// The operations before a fault.
    private static String log(long seed) {
        Plan plan = new Plan(seed, 4000, 100, ROOMY, false);
        AssertionError found =
                assertThrows(
                        AssertionError.class,
                        () -> RandomOperations.run(plan, new FaultyPool(Fault.LOSES_A_BYTE)));
        return String.valueOf(found.getMessage());
    }
}
