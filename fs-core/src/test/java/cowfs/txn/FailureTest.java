package cowfs.txn;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.DeviceOperation;
import cowfs.device.FaultDevice;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.PoolFailedException;
import cowfs.format.ItemKind;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Writes and flushes that fail.
final class FailureTest {
    private static final long TREE = TreeId.FIRST_SUBVOLUME;
    private static final int KIND = ItemKind.INODE.number();
    private static final TestPool.Shape SHAPE = new TestPool.Shape(32, 4096, 2);

    private static void put(PoolStore store, long inode) throws IOException {
        TestPool.tree(store, TREE)
                .change(
                        1,
                        change -> {
                            change.tree().put(inode, KIND, 0, new byte[300]);
                            return true;
                        });
    }

    /// Fails the first, second, ... call of a kind in turn, until a run gets by without meeting it.
    @ParameterizedTest
    @EnumSource(
            value = DeviceOperation.class,
            names = {"WRITE", "FLUSH"})
    void anyFailureInACommitStopsThePoolUntilItIsOpenedAgain(DeviceOperation operation)
            throws IOException {
        boolean met = true;
        int n = 1;
        for (; met; n++) {
            MemoryDevice memory = TestPool.image(SHAPE, 1);
            FaultDevice device = new FaultDevice(memory);
            PoolStore store = PoolStore.open(device, TestPool.OPTIONS);
            put(store, 1);
            store.sync();
            FileTree tree = TestPool.tree(store, TREE);
            device.fail(operation, n);
            met = failsSomewhere(store, tree);
            store.close();
            PoolStore again = PoolStore.open(memory, TestPool.OPTIONS);
            SortedMap<ItemKey, ByteBuffer> items =
                    TestPool.tree(again, TREE).read(Workload::itemsOf);
            int least = met ? 1 : 201;
            assertTrue(items.size() >= least, operation + " " + n + ": " + items.size());
            put(again, 1000);
            again.close();
            assertEquals(
                    items.size() + 1,
                    ImageAudit.of(memory).contents().get(TREE).size(),
                    operation + " " + n);
        }
        assertTrue(n > 2, "no call of this kind was ever failed");
    }

    private static boolean failsSomewhere(PoolStore store, FileTree tree) throws IOException {
        try {
            for (int inode = 2; inode <= 201; inode++) {
                put(store, inode);
                if (inode == 100) {
                    tree.sync();
                }
            }
            store.groups().forceFreesBack();
            tree.sync();
            return false;
        } catch (PoolFailedException failed) {
            assertNotNull(store.failure());
            assertThrows(PoolFailedException.class, () -> put(store, 500));
            assertThrows(PoolFailedException.class, tree::sync);
            assertThrows(PoolFailedException.class, tree::sync, "an fsync never forgets");
            assertThrows(PoolFailedException.class, store::sync);
            assertThrows(PoolFailedException.class, () -> store.submit(context -> {}));
            assertThrows(CowException.class, () -> store.data().allocate(1));
            // what is in memory can still be read
            tree.read(Workload::itemsOf);
            return true;
        }
    }

    @Test
    void anUnreadableLeafFailsTheOperationAndNotThePool() throws IOException {
        MemoryDevice memory = TestPool.image(new TestPool.Shape(32, 4096, 1), 1);
        try (PoolStore store = PoolStore.open(memory, TestPool.OPTIONS)) {
            for (int inode = 2; inode <= 2001; inode++) {
                put(store, inode);
            }
        }
        FaultDevice device = new FaultDevice(memory);
        PoolStore store = PoolStore.open(device, TestPool.OPTIONS);
        FileTree tree = TestPool.tree(store, TREE);
        int failed = 0;
        for (int inode = 3000; inode <= 3040; inode++) {
            // the next node that has to be read
            device.fail(DeviceOperation.READ, 1);
            try {
                put(store, inode - 2000);
                put(store, inode);
            } catch (IOException unreadable) {
                failed++;
            }
            tree.sync();
        }
        assertTrue(failed > 0, "nothing had to be read");
        assertEquals(null, store.failure());
        device.fail(DeviceOperation.READ, 1L << 40);
        put(store, 5000);
        store.close();
        assertEquals(2001, ImageAudit.of(memory).contents().get(TREE).size());
    }

    /// The commit has asked whether the pool is sound and waits at the gate when the operation in
    /// front of it fails half-way.
    @Test
    void aCommitThatWaitsForAnOperationDoesNotTakeHalfOfIt() throws Exception {
        MemoryDevice memory = TestPool.image(SHAPE, 1);
        PoolStore store = PoolStore.open(memory, TestPool.OPTIONS);
        put(store, 1);
        store.sync();
        FileTree tree = TestPool.tree(store, TREE);
        AtomicReference<Throwable> syncFailure = new AtomicReference<>();
        Thread syncing =
                new Thread(
                        () -> {
                            try {
                                store.groups().commitThrough(store.groups().openLog().txg());
                            } catch (IOException | RuntimeException failed) {
                                syncFailure.set(failed);
                            }
                        });
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        tree.change(
                                2,
                                change -> {
                                    change.tree().put(2, KIND, 0, new byte[300]);
                                    syncing.start();
                                    await().until(() -> store.groups().gate().hasQueuedThreads());
                                    throw new IllegalArgumentException("a mistake");
                                }));
        syncing.join();
        assertInstanceOf(PoolFailedException.class, syncFailure.get());
        assertTrue(String.valueOf(syncFailure.get().getMessage()).contains(": a mistake;"));
        store.close();
        assertEquals(1, ImageAudit.of(memory).contents().get(TREE).size(), "half an operation");
    }

    @Test
    void aDefectInATickDoesNotEndTheTimer() throws IOException {
        MemoryDevice memory = TestPool.image(SHAPE, 1);
        PoolOptions options =
                new PoolOptions(
                        false, 1 << 20, Duration.ofMillis(20), PoolOptions.DEFAULT_MAX_DIRTY_BYTES);
        try (PoolStore store = PoolStore.open(memory, options)) {
            AtomicInteger ticks = new AtomicInteger();
            store.eachTick(
                    () -> {
                        ticks.incrementAndGet();
                        throw new IllegalStateException("a defect");
                    });
            await().until(() -> ticks.get() >= 3);
            put(store, 1);
            long txg = store.state().txg();
            await().until(() -> store.state().txg() > txg);
        }
    }

    @Test
    void aDiscardThatFailsIsNobodysError() throws IOException {
        MemoryDevice memory = TestPool.image(SHAPE, 1);
        FaultDevice device = new FaultDevice(memory);
        PoolStore store = PoolStore.open(device, TestPool.OPTIONS);
        for (int round = 0; round < 3; round++) {
            for (int inode = 1; inode <= 200; inode++) {
                put(store, inode);
            }
            store.groups().forceFreesBack();
        }
        device.fail(DeviceOperation.DISCARD, 1);
        long free = store.spaceMap().dataFreeBlocks() + store.spaceMap().metadataFreeBlocks();
        store.discardUnused();
        assertEquals(
                free,
                store.spaceMap().dataFreeBlocks() + store.spaceMap().metadataFreeBlocks(),
                "blocks that could not be discarded can be used");
        assertTrue(device.injectedCount() > 0, "nothing was discarded");
        assertEquals(null, store.failure());
        store.close();
        ImageAudit.of(memory);
    }

    @Test
    void aSlotThatCantBeReadIsReplacedByItsTwin() throws IOException {
        MemoryDevice memory = TestPool.image(SHAPE, 1);
        try (PoolStore store = PoolStore.open(memory, TestPool.OPTIONS)) {
            put(store, 1);
        }
        FaultDevice counting = new FaultDevice(memory);
        SuperblockRing ring = new SuperblockRing(counting);
        var found = ring.find();
        long reads = counting.count(DeviceOperation.READ);
        assertEquals(2 * SuperblockArea.SLOTS, reads);
        for (int n = 1; n <= reads; n++) {
            counting.fail(DeviceOperation.READ, n);
            assertEquals(found, ring.find(), "read " + n);
        }
        counting.unplug();
        assertThrows(IOException.class, ring::find);
    }

    @Test
    void aLeafThatIsUnreadableAfterTheFirstItemOfAnOperationUndoesIt() throws IOException {
        MemoryDevice memory = TestPool.image(new TestPool.Shape(32, 4096, 1), 1);
        try (PoolStore store = PoolStore.open(memory, TestPool.OPTIONS)) {
            for (int inode = 2; inode <= 2001; inode++) {
                put(store, inode);
            }
        }
        FaultDevice device = new FaultDevice(memory);
        PoolStore store = PoolStore.open(device, TestPool.OPTIONS);
        FileTree tree = TestPool.tree(store, TREE);
        put(store, 2);
        device.fail(DeviceOperation.READ, 1);
        assertThrows(
                IOException.class,
                () ->
                        tree.change(
                                3,
                                change -> {
                                    change.tree().put(1, KIND, 0, new byte[10]);
                                    change.tree().remove(2, KIND, 0);
                                    change.tree().put(1500, KIND, 0, new byte[10]);
                                    return true;
                                }));
        assertEquals(null, store.failure());
        tree.sync();
        put(store, 3);
        store.close();
        SortedMap<ItemKey, ByteBuffer> items = ImageAudit.of(memory).contents().get(TREE);
        assertEquals(2000, items.size());
        assertEquals(300, items.get(new ItemKey(2, KIND, 0)).remaining());
    }

    @Test
    void aFailedPoolWritesNothingMore() throws IOException {
        FaultDevice device = new FaultDevice(TestPool.image(SHAPE, 1));
        PoolStore store = PoolStore.open(device, TestPool.OPTIONS);
        put(store, 1);
        device.fail(DeviceOperation.FLUSH, 1);
        assertThrows(PoolFailedException.class, store::sync);
        long writes = device.count(DeviceOperation.WRITE);
        long discards = device.count(DeviceOperation.DISCARD);
        store.tick();
        store.close();
        assertEquals(writes, device.count(DeviceOperation.WRITE));
        assertEquals(discards, device.count(DeviceOperation.DISCARD));
    }

    @Test
    void aDataWriteThatFailsIsAnErrorOfThatWriteOnly() throws IOException {
        FaultDevice device = new FaultDevice(TestPool.image(SHAPE, 1));
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            Allocation blocks = store.data().allocate(1);
            device.fail(DeviceOperation.WRITE, 1);
            CowException failed =
                    assertThrows(
                            CowException.class,
                            () -> store.data().write(blocks.address(), ByteBuffer.allocate(4096)));
            assertEquals(ErrorKind.IO, failed.kind());
            store.data().giveBack(blocks);
            put(store, 7);
            store.sync();
        }
    }

    /// Nobody waits for a commit of the timer: what comes next is told.
    @ParameterizedTest
    @EnumSource(
            value = DeviceOperation.class,
            names = {"WRITE", "FLUSH"})
    void aCommitOfTheTimerThatFailsStopsThePool(DeviceOperation operation) throws IOException {
        FaultDevice device = new FaultDevice(TestPool.image(SHAPE, 1));
        PoolOptions soon =
                new PoolOptions(
                        false, 4 << 20, Duration.ofMillis(20), PoolOptions.DEFAULT_MAX_DIRTY_BYTES);
        try (PoolStore store = PoolStore.open(device, soon)) {
            put(store, 1);
            await().until(() -> store.activity().dirtyBytes() == 0);
            assertTrue(store.activity().commitCount() >= 1);
            assertTrue(store.activity().commitNanos() >= store.activity().longestCommitNanos());
            assertTrue(store.activity().longestCommitNanos() > 0);
            device.fail(operation, 1);
            put(store, 2);
            await().until(() -> store.failure() != null);
            assertThrows(PoolFailedException.class, () -> put(store, 3));
            assertThrows(PoolFailedException.class, store::sync);
        }
    }
}
