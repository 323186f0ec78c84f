package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.DelayDevice;
import cowfs.device.DeviceOperation;
import cowfs.device.MemoryDevice;
import cowfs.format.ItemKind;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Operations that come to nodes which are not in memory: while the device is slow for them, the
/// others of the same tree go on.
@Timeout(120)
final class ColdNodesTest {
    private static final long TREE = TreeId.FIRST_SUBVOLUME;
    private static final int KIND = ItemKind.INODE.number();
    private static final int ITEMS = 2000;
    private static final int COLD = 1500;

    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private MemoryDevice memory;
    private DelayDevice device;
    private PoolStore store;
    private FileTree tree;

    @BeforeEach
    void openAnImageWithAColdTreeOfWhichOnePathIsInMemory() throws IOException {
        memory = TestPool.image(new TestPool.Shape(32, 4096, 1), 1);
        try (PoolStore first = PoolStore.open(memory, TestPool.OPTIONS)) {
            for (int inode = 1; inode <= ITEMS; inode++) {
                put(TestPool.tree(first, TREE), inode, 300);
            }
        }
        device = new DelayDevice(memory);
        store = PoolStore.open(device, TestPool.OPTIONS);
        tree = TestPool.tree(store, TREE);
        assertEquals(300, lengthOf(1));
    }

    @AfterEach
    void close() throws IOException {
        executor.shutdownNow();
        store.close();
    }

    private static void put(FileTree tree, int inode, int lengthBytes) throws IOException {
        tree.change(
                1,
                change -> {
                    change.tree().put(inode, KIND, 0, new byte[lengthBytes]);
                    return true;
                });
    }

    private int lengthOf(int inode) throws IOException {
        return tree.read(
                items -> {
                    var cursor = items.cursor();
                    return items.find(cursor, inode, KIND, 0) ? cursor.lengthBytes() : -1;
                });
    }

    /// Starts `cold` on a device whose reads are held, and does the rest meanwhile.
    private <T> T whileHeld(Callable<T> cold, Meanwhile meanwhile) throws Exception {
        try (DelayDevice.Hold held = device.hold(DeviceOperation.READ)) {
            Future<T> running = executor.submit(cold);
            held.awaitArrival();
            meanwhile.run();
            assertFalse(running.isDone(), "it still waits for the device");
            held.release();
            return running.get();
        }
    }

    private interface Meanwhile {
        void run() throws IOException;
    }

    private void useTheWarmPath() throws IOException {
        assertEquals(300, lengthOf(1), "a read goes on");
        put(tree, 1, 250);
        assertEquals(250, lengthOf(1), "a change goes on");
        tree.sync();
    }

    @Test
    void aReadOfAColdLeafStopsNobody() throws Exception {
        assertEquals(300, whileHeld(() -> lengthOf(COLD), this::useTheWarmPath));
    }

    @Test
    void aChangeOfAColdLeafStopsNobody() throws Exception {
        whileHeld(
                () -> {
                    put(tree, COLD, 77);
                    return true;
                },
                this::useTheWarmPath);
        assertEquals(77, lengthOf(COLD));
        assertEquals(250, lengthOf(1));
    }

    @Test
    void aChangeThatComesToAColdLeafHalfWayShowsNothingUntilItIsWhole() throws Exception {
        int[] runs = new int[1];
        int[] successes = new int[1];
        whileHeld(
                () ->
                        tree.change(
                                3,
                                change -> {
                                    runs[0]++;
                                    change.onSuccess(() -> successes[0]++);
                                    change.tree().put(1, KIND, 0, new byte[11]);
                                    change.tree().remove(2, KIND, 0);
                                    change.tree().put(COLD, KIND, 0, new byte[12]);
                                    return true;
                                }),
                () -> {
                    assertEquals(300, lengthOf(2), "what was removed is back");
                    useTheWarmPath();
                });
        assertTrue(runs[0] > 1, "it was begun again");
        assertEquals(1, successes[0]);
        assertEquals(11, lengthOf(1));
        assertEquals(-1, lengthOf(2));
        assertEquals(12, lengthOf(COLD));
        store.sync();
        assertEquals(ITEMS - 1, ImageAudit.of(memory).contents().get(TREE).size());
    }

    @Test
    void aChangeOfMoreColdLeavesThanOneOperationLoadsStillEnds() throws IOException {
        tree.change(
                ITEMS,
                change -> {
                    for (int inode = 1; inode <= ITEMS; inode++) {
                        change.tree().put(inode, KIND, 0, new byte[5]);
                    }
                    return true;
                });
        assertEquals(5, lengthOf(COLD));
        assertEquals(null, store.failure());
    }
}
