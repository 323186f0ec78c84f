package cowfs.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

final class EpochsTest {
    private final Epochs epochs = new Epochs();

    @Test
    void nobodyInsideMeansPastAtOnce() {
        assertTrue(epochs.isPast(epochs.stamp()));
    }

    @Test
    void aReaderThatWasInsideHoldsTheStampUntilItLeaves() {
        long reader = epochs.enter();
        long stamp = epochs.stamp();
        assertFalse(epochs.isPast(stamp));
        assertFalse(epochs.isPast(stamp));
        epochs.leave(reader);
        assertTrue(epochs.isPast(stamp));
    }

    @Test
    void aReaderOfTheEpochBeforeHoldsTheStampToo() {
        long first = epochs.enter();
        assertFalse(epochs.isPast(epochs.stamp()));
        long second = epochs.enter();
        long stamp = epochs.stamp();
        epochs.leave(second);
        assertFalse(epochs.isPast(stamp));
        epochs.leave(first);
        assertTrue(epochs.isPast(stamp));
    }

    @Test
    void lateReadersDoNotHoldAnOldStampForEver() {
        long stamp = epochs.stamp();
        long reader = epochs.enter();
        boolean past = false;
        for (int i = 0; i < 5 && !past; i++) {
            long next = epochs.enter();
            epochs.leave(reader);
            reader = next;
            past = epochs.isPast(stamp);
        }
        epochs.leave(reader);
        assertTrue(past, "overlapping readers must not block reuse");
    }

    @Test
    void leavingTwiceIsAProgrammersMistake() {
        long reader = epochs.enter();
        epochs.leave(reader);
        assertThrows(IllegalStateException.class, () -> epochs.leave(reader));
    }

    /// One thread replaces a cell's object and poisons the old one when its stamp is past; readers
    /// must never meet poison.
    @Test
    void nothingIsReusedUnderAReader() throws Exception {
        AtomicLongArray objects = new AtomicLongArray(64); // 0 good, 1 poisoned
        AtomicLongArray cell = new AtomicLongArray(1); // the object that is in use
        AtomicBoolean stop = new AtomicBoolean();
        List<Callable<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(
                    () -> {
                        long poisoned = 0;
                        while (!stop.get()) {
                            long token = epochs.enter();
                            int seen = (int) cell.get(0);
                            for (int look = 0; look < 20; look++) {
                                poisoned += objects.get(seen);
                            }
                            epochs.leave(token);
                        }
                        return poisoned;
                    });
        }
        try (ExecutorService executor = Executors.newFixedThreadPool(readers.size())) {
            List<Future<Long>> running = new ArrayList<>();
            readers.forEach(reader -> running.add(executor.submit(reader)));
            int reused = 0;
            int current = 0;
            for (int round = 0; round < 20_000; round++) {
                int next = (current + 1) % 64;
                objects.set(next, 0);
                cell.set(0, next);
                long stamp = epochs.stamp();
                for (int tries = 0; tries < 50; tries++) {
                    if (epochs.isPast(stamp)) {
                        objects.set(current, 1);
                        reused++;
                        break;
                    }
                    Thread.yield();
                }
                current = next;
            }
            stop.set(true);
            for (Future<Long> reader : running) {
                assertEquals(0L, reader.get(), "reads of something that was reused");
            }
            assertTrue(reused > 0, "nothing was ever reused");
        }
    }
}
