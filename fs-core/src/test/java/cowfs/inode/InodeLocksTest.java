package cowfs.inode;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.inode.InodeLocks.Held;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

final class InodeLocksTest {
    private final InodeLocks locks = new InodeLocks();

    @Test
    void aThreadHoldsOneMutexAtATime() {
        try (Held _ = locks.lock(5)) {
            assertThrows(IllegalStateException.class, () -> locks.lock(5));
            assertThrows(IllegalStateException.class, () -> locks.lock(6));
        }
        locks.lock(6).close();
    }

    @Test
    void theMutexOfAnInodeKeepsOthersOutUntilItIsGivenBack() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<?> other;
            try (Held _ = locks.lock(5)) {
                other =
                        executor.submit(
                                () -> {
                                    started.countDown();
                                    locks.lock(5).close();
                                });
                assertTrue(started.await(10, TimeUnit.SECONDS));
                assertThrows(TimeoutException.class, () -> other.get(50, TimeUnit.MILLISECONDS));
                assertFalse(other.isDone());
            }
            other.get(10, TimeUnit.SECONDS);
        }
    }
}
