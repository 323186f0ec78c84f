package cowfs.fuse.operation;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class OpenWritersTest {
    private final OpenWriters writers = new OpenWriters();

    @Test
    void nothingIsToDoWithoutWriters() {
        assertFalse(writers.beginBarrier());
    }

    @Test
    void aWriterThatHasGoneCountsOnce() {
        writers.opened();
        writers.closed();
        assertTrue(writers.beginBarrier());
        assertFalse(writers.beginBarrier());
    }

    @Test
    void anOpenWriterCountsEachTime() {
        writers.opened();
        assertTrue(writers.beginBarrier());
        assertTrue(writers.beginBarrier());
        writers.closed();
        assertTrue(writers.beginBarrier());
        assertFalse(writers.beginBarrier());
    }

    @Test
    void anAbandonedBarrierIsStillDue() {
        writers.opened();
        writers.closed();
        assertTrue(writers.beginBarrier());
        writers.abandonBarrier();
        assertTrue(writers.beginBarrier());
    }
}
