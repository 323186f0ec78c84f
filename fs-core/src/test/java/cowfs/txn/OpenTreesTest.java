package cowfs.txn;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.MemoryDevice;
import cowfs.format.TreeId;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Which trees stay in memory.
final class OpenTreesTest {
    private static final long TREE = TreeId.FIRST_SUBVOLUME;
    private static final int SNAPSHOTS = 300;

    @Test
    void snapshotsThatWereLookedAtDoNotStay() throws IOException {
        MemoryDevice device = TestPool.image(new TestPool.Shape(64, 4096, 1), 1);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            FileTree live = TestPool.tree(store, TREE);
            Workload work = new Workload(store, 5);
            work.addTree(TREE);
            work.putItems(TREE, 20);
            long used = TestPool.snapshot(store, TREE);
            FileTree inUse = TestPool.tree(store, used);
            assertTrue(inUse.readOnly());
            for (int i = 0; i < SNAPSHOTS; i++) {
                long id = TestPool.snapshot(store, TREE);
                TestPool.tree(store, id).read(Workload::itemsOf);
            }
            await().until(
                            () -> {
                                System.gc();
                                return store.openTreeCount() == 2;
                            });
            assertSame(live, store.lookupOpenTree(TREE));
            assertSame(inUse, TestPool.tree(store, used));
            assertEquals(live.read(Workload::itemsOf).size(), inUse.read(Workload::itemsOf).size());
        }
    }

    @Test
    void aTreeThatIsAheadOfTheDeviceStays() throws IOException {
        MemoryDevice device = TestPool.image(new TestPool.Shape(64, 4096, 1), 1);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            TestPool.tree(store, TREE)
                    .change(
                            1,
                            change -> {
                                change.tree().put(2, 99, 0, new byte[9]);
                                return true;
                            });
            System.gc();
            assertEquals(1, TestPool.tree(store, TREE).read(Workload::itemsOf).size());
        }
    }
}
