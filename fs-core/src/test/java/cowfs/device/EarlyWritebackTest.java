package cowfs.device;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class EarlyWritebackTest {
    private final AtomicInteger starts = new AtomicInteger();
    private final Semaphore hostIsDone = new Semaphore(0);
    private final EarlyWriteback writeback =
            new EarlyWriteback(
                    () -> {
                        starts.incrementAndGet();
                        hostIsDone.acquireUninterruptibly();
                    });

    private void awaitStarts(int count) {
        await().untilAsserted(() -> assertEquals(count, starts.get()));
    }

    @Test
    void hostIsToldAfterEachStep() {
        hostIsDone.release(100);
        writeback.wrote(EarlyWriteback.STEP_BYTES - 1);
        assertEquals(0, starts.get());
        writeback.wrote(1);
        awaitStarts(1);
        writeback.wrote(EarlyWriteback.STEP_BYTES);
        awaitStarts(2);
    }

    /// Which is no failure of the write that asked for it.
    @Test
    void whereNoThreadIsToBeHadTheHostIsToldLater() {
        AtomicInteger refusals = new AtomicInteger();
        EarlyWriteback scarce =
                new EarlyWriteback(
                        starts::incrementAndGet,
                        task -> {
                            if (refusals.getAndIncrement() < 3) {
                                throw new OutOfMemoryError("unable to create native thread");
                            }
                            return new Thread(task);
                        });
        for (int i = 0; i < 3; i++) {
            scarce.wrote(EarlyWriteback.STEP_BYTES);
        }
        assertEquals(3, refusals.get());
        assertEquals(0, starts.get());
        scarce.wrote(EarlyWriteback.STEP_BYTES);
        awaitStarts(1);
    }

    @Test
    void writersGoOnWhileTheHostIsBusyAndItIsToldOnceForAllOfThem() {
        for (int i = 0; i < 20; i++) {
            writeback.wrote(EarlyWriteback.STEP_BYTES);
        }
        awaitStarts(1);
        writeback.wrote(EarlyWriteback.STEP_BYTES);
        hostIsDone.release();
        awaitStarts(2);
        hostIsDone.release(100);
        writeback.wrote(EarlyWriteback.STEP_BYTES);
        awaitStarts(3);
    }
}
