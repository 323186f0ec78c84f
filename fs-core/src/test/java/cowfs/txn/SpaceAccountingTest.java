package cowfs.txn;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.btree.Cursor;
import cowfs.device.MemoryDevice;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Images that fill up, and space that comes back.
final class SpaceAccountingTest {
    private static final long TREE = TreeId.FIRST_SUBVOLUME;
    private static final int KIND = ItemKind.INODE.number();

    private static Superblock settled(MemoryDevice device, PoolStore store) throws IOException {
        for (int i = 0; i < 3; i++) {
            store.submit(context -> {});
        }
        return ImageAudit.of(device).superblock();
    }

    @ParameterizedTest
    @CsvSource({"32, 4096, 1, 1", "32, 8192, 2, 2", "35, 16384, 2, 3"})
    void afterEverythingIsRemovedTheImageIsAsGoodAsNew(
            int sizeMiB, int nodeBytes, int copies, long seed) throws IOException {
        MemoryDevice device = TestPool.image(new TestPool.Shape(sizeMiB, nodeBytes, copies), 2);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            Superblock before = settled(device, store);
            long freeBefore = store.status().freeBlockCount();
            Workload work = new Workload(store, seed);
            work.addTree(TREE);
            work.addTree(TREE + 1);
            Random random = new Random(seed);
            List<Long> snapshots = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                work.change(TREE + random.nextInt(2));
                if (i % 60 == 0) {
                    long source = TREE + random.nextInt(2);
                    long id = TestPool.snapshot(store, source);
                    work.addTree(id, work.model(source));
                    snapshots.add(id);
                }
            }
            work.clear(TREE);
            work.clear(TREE + 1);
            assertTrue(settled(device, store).dataBlocks() > 0, "snapshots hold their data");
            for (long id : snapshots) {
                work.compare(id);
                TestPool.delete(store, id);
                work.removeTree(id);
            }
            Superblock after = settled(device, store);
            assertEquals(0, after.dataBlocks(), "seed " + seed);
            long nodeBlocks = (long) nodeBytes / 4096 * copies;
            assertTrue(
                    after.metadataBlocks() <= before.metadataBlocks() + 4 * nodeBlocks,
                    "seed "
                            + seed
                            + ": "
                            + before.metadataBlocks()
                            + " grew to "
                            + after.metadataBlocks());
            assertEquals(0, ImageAudit.of(device).refcountRecords(), "seed " + seed);
            assertTrue(store.status().freeBlockCount() >= freeBefore - 1024, "seed " + seed);
        }
    }

    /// Fills the image with data and small items until nothing fits, with a snapshot in the way;
    /// everything may be refused for lack of space, nothing may fail otherwise.
    @ParameterizedTest
    @CsvSource({"32, 4096, 1, 1", "32, 4096, 2, 2", "32, 16384, 2, 3", "33, 8192, 1, 4"})
    void aFullImageRefusesAndThenGivesSpaceBack(int sizeMiB, int nodeBytes, int copies, long seed)
            throws IOException {
        MemoryDevice memory = TestPool.image(new TestPool.Shape(sizeMiB, nodeBytes, copies), 1);
        DurableGuard device = new DurableGuard(memory);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            Workload work = new Workload(store, seed).withExtentsUpTo(128);
            work.addTree(TREE);
            for (int i = 0; i < 300 || (work.fullCount() == 0 && i < 3000); i++) {
                work.change(TREE);
                if (i == 100) {
                    long id = TestPool.snapshot(store, TREE);
                    work.addTree(id, work.model(TREE));
                }
                if (i % 50 == 0) {
                    store.sync();
                }
            }
            fillWithItems(store);
            assertEquals(null, store.failure(), "seed " + seed);
            store.sync();
            ImageAudit.of(device);
            removeItems(store);
            work.compareAll();
            // deleting the snapshot and everything else works on a full image
            for (long id : List.copyOf(work.models().keySet())) {
                if (id != TREE) {
                    TestPool.delete(store, id);
                    work.removeTree(id);
                }
            }
            work.clear(TREE);
            settled(memory, store);
            long gone = ImageAudit.of(device).superblock().dataBlocks();
            assertEquals(0, gone, "seed " + seed);
            for (int left = 2000; left > 0; ) {
                left -= store.data().allocate(left).blockCount();
            }
            device.assertNoViolations();
        } catch (IOException | RuntimeException failed) {
            throw new AssertionError("seed " + seed, failed);
        }
    }

    private static final long FIRST_ITEM = 1L << 40;

    private static void fillWithItems(PoolStore store) throws IOException {
        FileTree tree = TestPool.tree(store, TREE);
        byte[] value = new byte[900];
        for (long inode = FIRST_ITEM; inode < FIRST_ITEM + 200_000; inode++) {
            long key = inode;
            try {
                tree.change(
                        1,
                        change -> {
                            change.tree().put(key, KIND, 0, value);
                            return true;
                        });
            } catch (RequestException full) {
                assertEquals(ErrorKind.NO_SPACE, full.kind());
                return;
            }
        }
        throw new AssertionError("the image never got full");
    }

    private static void removeItems(PoolStore store) throws IOException {
        FileTree tree = TestPool.tree(store, TREE);
        List<ItemKey> keys =
                List.copyOf(
                        tree.read(Workload::itemsOf)
                                .subMap(
                                        new ItemKey(FIRST_ITEM, 0, 0),
                                        new ItemKey(FIRST_ITEM + 200_000, 0, 0))
                                .keySet());
        assertTrue(keys.size() > 10, "items found room");
        for (ItemKey key : keys) {
            tree.changeFreeing(
                    1, change -> change.tree().remove(key.inode(), key.kind(), key.offset()));
        }
    }

    /// Every removal copies a shared leaf and gives each of its extents a reference count of its
    /// own: the dearest thing that an operation can ask for.
    @ParameterizedTest
    @CsvSource({"32, 4096, 1, 1", "32, 4096, 2, 2", "32, 16384, 2, 3", "40, 8192, 2, 4"})
    void removingFromASharedTreeOnAFullImageFailsCleanlyOrNotAtAll(
            int sizeMiB, int nodeBytes, int copies, long seed) throws IOException {
        MemoryDevice memory = TestPool.image(new TestPool.Shape(sizeMiB, nodeBytes, copies), 1);
        DurableGuard device = new DurableGuard(memory);
        Random random = new Random(seed);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            List<ItemKey> keys = new ArrayList<>(fillWithScatteredExtents(store, random));
            fillWithItems(store);
            List<Long> snapshots = new ArrayList<>();
            for (int round = 0; round < 6; round++) {
                try {
                    snapshots.add(TestPool.snapshot(store, TREE));
                } catch (RequestException refused) {
                    assertEquals(ErrorKind.NO_SPACE, refused.kind());
                    assertTrue(round > 0, "a full image has room for a snapshot");
                }
                boolean full = false;
                for (int i = 0; i < 500 && !full && !keys.isEmpty(); i++) {
                    ItemKey key = keys.get(random.nextInt(keys.size()));
                    try {
                        removeExtent(store, key);
                        keys.remove(key);
                    } catch (RequestException refused) {
                        assertEquals(ErrorKind.NO_SPACE, refused.kind());
                        full = true;
                    }
                }
                store.sync();
            }
            ImageAudit.of(device);
            for (long id : snapshots) {
                TestPool.delete(store, id);
            }
            for (ItemKey key : keys) {
                removeExtent(store, key);
            }
            removeItems(store);
            assertEquals(0, settled(memory, store).dataBlocks());
            assertEquals(0, ImageAudit.of(device).refcountRecords());
            device.assertNoViolations();
        } catch (IOException | RuntimeException failed) {
            throw new AssertionError("seed " + seed, failed);
        }
    }

    /// Found by FullImageTest: a deletion was refused on a full image because reclaim was looking
    /// through a large root tree at that moment.
    @Test
    void freedBlocksThatAReaderMightSeeAreWaitedFor() throws Exception {
        MemoryDevice memory = TestPool.image(new TestPool.Shape(32, 4096, 1), 1);
        try (PoolStore store = PoolStore.open(memory, TestPool.OPTIONS)) {
            long free = store.spaceMap().dataFreeBlocks();
            long epoch = store.epochs().enter();
            store.data().giveBack(store.data().allocate(1000));
            Thread freeing =
                    new Thread(
                            () -> {
                                try {
                                    store.groups().forceFreesBack();
                                } catch (IOException failed) {
                                    throw new AssertionError(failed);
                                }
                            });
            freeing.start();
            await().until(() -> freeing.getState() == Thread.State.TIMED_WAITING);
            assertTrue(store.spaceMap().dataFreeBlocks() < free, "a reader is still there");
            store.epochs().leave(epoch);
            freeing.join();
            assertEquals(free, store.spaceMap().dataFreeBlocks());
        }
    }

    private static void removeExtent(PoolStore store, ItemKey key) throws IOException {
        TestPool.tree(store, TREE)
                .changeFreeing(
                        1,
                        change -> {
                            Cursor cursor = change.tree().cursor();
                            assertTrue(
                                    change.tree()
                                            .find(cursor, key.inode(), key.kind(), key.offset()));
                            byte[] item = cursor.value();
                            change.tree().remove(key.inode(), key.kind(), key.offset());
                            change.dropExtent(
                                    ContentItem.ADDRESS.get(item, 0),
                                    1,
                                    ContentItem.BIRTH_TXG.get(item, 0));
                            change.addReferencedBlocks(-1);
                            return true;
                        });
    }

    /// Fills the image with extents of one block under random keys.
    private static List<ItemKey> fillWithScatteredExtents(PoolStore store, Random random)
            throws IOException {
        List<ItemKey> keys = new ArrayList<>();
        Set<ItemKey> seen = new HashSet<>();
        FileTree tree = TestPool.tree(store, TREE);
        int[] crc = {Checksum.crc32c(new byte[4096], 0, 4096)};
        while (true) {
            ItemKey key =
                    new ItemKey(
                            1 + random.nextInt(1000),
                            ItemKind.CONTENT.number(),
                            (long) random.nextInt(1 << 20) << 12);
            if (!seen.add(key)) {
                continue;
            }
            try {
                Allocation block = store.data().allocate(1);
                store.data().write(block.address(), ByteBuffer.allocate(4096));
                tree.change(
                        1,
                        change -> {
                            byte[] item =
                                    ContentItem.extent(
                                            ContentItem.PLAIN, block.address(), 1, change.txg());
                            ContentItem.setCrc(item, 0, 0, crc[0]);
                            change.tree().put(key.inode(), key.kind(), key.offset(), item);
                            change.insertExtent(block.address(), 1, crc, 0);
                            change.addReferencedBlocks(1);
                            return true;
                        });
                keys.add(key);
            } catch (RequestException full) {
                assertEquals(ErrorKind.NO_SPACE, full.kind());
                return keys;
            }
        }
    }
}
