package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.DeviceOperation;
import cowfs.device.FaultDevice;
import cowfs.device.MemoryDevice;
import cowfs.error.ErrorKind;
import cowfs.error.PoolFailedException;
import cowfs.error.RequestException;
import cowfs.format.ItemKind;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CommitTest {
    private static final long TREE = TreeId.FIRST_SUBVOLUME;
    private static final TestPool.Shape SMALL = new TestPool.Shape(32, 4096, 2);
    private static final int KIND = ItemKind.INODE.number();

    private static void put(FileTree tree, long inode, int lengthBytes) throws IOException {
        tree.change(
                1,
                change -> {
                    change.tree().put(inode, KIND, 0, new byte[lengthBytes]);
                    return true;
                });
    }

    @Test
    void formatCountsItsOwnBlocksWhateverItWasGiven() throws IOException {
        ImageAudit audit = ImageAudit.of(TestPool.image(SMALL, 1));
        assertEquals(2, audit.superblock().txg());
        assertEquals(0, audit.superblock().dataBlocks());
    }

    @Test
    void aTreeThatChangedInTheSameGroupCanBeDropped() throws IOException {
        MemoryDevice device = TestPool.image(SMALL, 2);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            FileTree tree = TestPool.tree(store, TREE);
            for (int inode = 2; inode < 200; inode++) {
                put(tree, inode, 200);
            }
            TestPool.delete(store, TREE);
        }
        assertEquals(1, ImageAudit.of(device).contents().size());
    }

    /// Adds one item a commit to the root tree, so that its nodes are full at some of the commits,
    /// at every level.
    @Test
    void theRootTreeMayBeFullAtAnyLevelWhenItsOwnItemsAreFilledIn() throws IOException {
        MemoryDevice device = TestPool.image(SMALL, 1);
        Random random = new Random(1);
        int items = 500;
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            for (int i = 0; i < items; i++) {
                int item = i;
                byte[] value = new byte[500 + random.nextInt(800)];
                // right before the pending list, so that it is mostly the commit's own items that
                // split a leaf
                store.submit(
                        context ->
                                context.rootTree().put(0, ItemKind.ORPHAN.number(), item, value));
                if (i % 100 == 0) {
                    ImageAudit.of(device);
                }
            }
            assertNull(store.failure());
        }
        ImageAudit audit = ImageAudit.of(device);
        assertTrue(audit.superblock().rootLevel() >= 2, "the root tree has grown");
    }

    @Test
    void aRefusedStepLeavesTheGroupAsItWas() throws IOException {
        MemoryDevice device = TestPool.image(SMALL, 1);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            FileTree tree = TestPool.tree(store, TREE);
            put(tree, 5, 10);
            RequestException refused =
                    assertThrows(
                            RequestException.class,
                            () ->
                                    store.submit(
                                            context -> {
                                                throw new RequestException(ErrorKind.EXISTS, "no");
                                            }));
            assertEquals(ErrorKind.EXISTS, refused.kind());
            put(tree, 6, 10);
        }
        assertEquals(2, ImageAudit.of(device).contents().get(TREE).size());
    }

    @Test
    void aBodyThatRefusesHalfWayIsTakenBack() throws IOException {
        MemoryDevice device = TestPool.image(SMALL, 1);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            FileTree tree = TestPool.tree(store, TREE);
            put(tree, 5, 10);
            RequestException late = new RequestException(ErrorKind.EXISTS, "too late");
            assertThrows(RequestException.class, () -> putAndFail(tree, late));
            put(tree, 7, 1);
            tree.sync();
        }
        assertEquals(
                List.of(new ItemKey(5, KIND, 0), new ItemKey(7, KIND, 0)),
                List.copyOf(ImageAudit.of(device).contents().get(TREE).keySet()));
    }

    @Test
    void aDefectHalfWayThroughABodyStopsThePoolAndIsNeverCommitted() throws IOException {
        MemoryDevice device = TestPool.image(SMALL, 1);
        PoolStore store = PoolStore.open(device, TestPool.OPTIONS);
        FileTree tree = TestPool.tree(store, TREE);
        put(tree, 5, 10);
        tree.sync();
        IllegalStateException defect = new IllegalStateException("a defect");
        assertThrows(IllegalStateException.class, () -> putAndFail(tree, defect));
        assertThrows(PoolFailedException.class, () -> put(tree, 7, 1));
        assertThrows(PoolFailedException.class, tree::sync);
        store.close();
        try (PoolStore again = PoolStore.open(device, TestPool.OPTIONS)) {
            assertEquals(1, TestPool.tree(again, TREE).read(Workload::itemsOf).size());
        }
    }

    private static void putAndFail(FileTree tree, Exception failure) throws IOException {
        tree.change(
                1,
                change -> {
                    change.tree().put(6, KIND, 0, new byte[1]);
                    if (failure instanceof IOException refused) {
                        throw refused;
                    }
                    throw (RuntimeException) failure;
                });
    }

    @Test
    void aBodyThatFailsBeforeItsFirstChangeHarmsNothing() throws IOException {
        MemoryDevice device = TestPool.image(SMALL, 1);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            FileTree tree = TestPool.tree(store, TREE);
            assertThrows(
                    RequestException.class,
                    () ->
                            tree.change(
                                    1,
                                    change -> {
                                        throw new RequestException(ErrorKind.EXISTS, "no");
                                    }));
            put(tree, 7, 1);
            tree.sync();
        }
    }

    @Test
    void blocksWhoseDiscardFailedAreHandedOutAgain() throws IOException {
        FaultDevice device = new FaultDevice(TestPool.image(SMALL, 1));
        PoolStore store = PoolStore.open(device, TestPool.OPTIONS);
        long before = store.spaceMap().dataFreeBlocks();
        Allocation blocks = store.data().allocate(500);
        store.data().giveBack(blocks);
        device.fail(DeviceOperation.DISCARD, 1);
        store.discardUnused();
        assertEquals(before, store.spaceMap().dataFreeBlocks());
        store.close();
    }

    @Test
    void closeSealsAndASecondCloseDoesNothing() throws IOException {
        MemoryDevice device = TestPool.image(SMALL, 1);
        PoolStore store = PoolStore.open(device, TestPool.OPTIONS);
        put(TestPool.tree(store, TREE), 5, 10);
        store.sync();
        assertTrue(!ImageAudit.of(device).superblock().sealed(), "a small commit is not sealed");
        store.close();
        store.close();
        ImageAudit audit = ImageAudit.of(device);
        assertTrue(audit.superblock().sealed());
        assertEquals(1, audit.contents().get(TREE).size());
    }

    @Test
    void anIdlePoolWritesNothing() throws IOException {
        FaultDevice device = new FaultDevice(TestPool.image(SMALL, 1));
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            long writes = device.count(DeviceOperation.WRITE);
            store.sync();
            store.tick();
            TestPool.tree(store, TREE).sync();
            assertEquals(writes, device.count(DeviceOperation.WRITE));
        }
    }
}
