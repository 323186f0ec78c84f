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
        writers.opened(7);
        writers.closed(7);
        assertTrue(writers.beginBarrier());
        assertFalse(writers.beginBarrier());
    }

    @Test
    void anOpenWriterCountsEachTime() {
        writers.opened(7);
        assertTrue(writers.beginBarrier());
        assertTrue(writers.beginBarrier());
        writers.closed(7);
        assertTrue(writers.beginBarrier());
        assertFalse(writers.beginBarrier());
    }

    @Test
    void anAbandonedBarrierIsStillDue() {
        writers.opened(7);
        writers.closed(7);
        assertTrue(writers.beginBarrier());
        writers.abandonBarrier();
        assertTrue(writers.beginBarrier());
    }

    @Test
    void aFileIsOpenUntilItHasBeenClosedAsOften() {
        writers.opened(7);
        writers.opened(7);
        writers.opened(8);
        writers.closed(7);
        assertTrue(writers.isOpen(7));
        writers.closed(7);
        assertFalse(writers.isOpen(7));
        assertTrue(writers.isOpen(8));
        assertTrue(writers.beginBarrier());
    }

    @Test
    void whatWasNeverOpenedCanBeClosed() {
        writers.closed(7);
        assertFalse(writers.isOpen(7));
        assertFalse(writers.beginBarrier());
    }
}
