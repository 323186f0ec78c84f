package cowfs.faults;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.faults.SnapshotHistory.Interval;
import org.junit.jupiter.api.Test;

/// The test of the checker: what it must find.
final class SnapshotHistoryTest {
    /// Thread 0: 1 from 10 to 20, 2 from 50 to 60. Thread 1: 1 from 30 to 40, 2 from 70 to 80.
    private static SnapshotHistory history() {
        SnapshotHistory history = new SnapshotHistory(2);
        history.add(0, 10, 20);
        history.add(0, 50, 60);
        history.add(1, 30, 40);
        history.add(1, 70, 80);
        return history;
    }

    private static void accepts(long called, long returned, int... counts) {
        history().check("s", new Interval(called, returned), counts);
    }

    private static void refuses(String why, long called, long returned, int... counts) {
        AssertionError found =
                assertThrows(AssertionError.class, () -> accepts(called, returned, counts));
        assertTrue(String.valueOf(found.getMessage()).contains(why), found.getMessage());
    }

    @Test
    void statesBetweenOperationsAreAccepted() {
        accepts(0, 5, 0, 0);
        accepts(22, 25, 1, 0);
        accepts(35, 37, 1, 0);
        accepts(35, 37, 1, 1);
        accepts(5, 90, 0, 0);
        accepts(5, 90, 1, 1);
        accepts(5, 90, 2, 2);
    }

    @Test
    void anAcknowledgedOperationMustBeThere() {
        refuses("lacks operation 1", 22, 25, 0, 0);
        refuses("lacks operation 2", 65, 68, 1, 1);
    }

    @Test
    void anOperationOfTheFutureMustNotBeThere() {
        refuses("called afterwards", 22, 25, 2, 0);
        refuses("nobody called", 85, 90, 3, 2);
    }

    @Test
    void anOperationMustNotBeThereWithoutThoseBeforeIt() {
        refuses("but not operation 1 of thread 1", 15, 90, 2, 0);
        refuses("but not operation 1 of thread 0", 15, 90, 0, 1);
    }
}
