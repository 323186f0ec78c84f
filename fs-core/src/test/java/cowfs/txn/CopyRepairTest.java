package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.block.CommittedNode;
import cowfs.device.BlockDevice;
import cowfs.device.DeviceOperation;
import cowfs.device.FaultDevice;
import cowfs.device.ForwardingDevice;
import cowfs.device.MemoryDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A bad copy of a node is made good again from the other one, and nothing else is ever touched.
final class CopyRepairTest {
    private static final TestPool.Shape SHAPE = new TestPool.Shape(64, 4096, 2);
    private static final long TREE = TreeId.FIRST_SUBVOLUME;
    private static final PoolOptions NO_CACHE =
            new PoolOptions(false, 0, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);
    private static final PoolOptions READ_ONLY =
            new PoolOptions(true, 0, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);

    /// Two trees with some hundred items, a snapshot that has moved apart.
    private static MemoryDevice image() throws IOException {
        MemoryDevice device = TestPool.image(SHAPE, 2);
        try (PoolStore store = PoolStore.open(device, TestPool.OPTIONS)) {
            Workload work = new Workload(store, 5);
            work.addTree(TREE);
            work.addTree(TREE + 1);
            work.putItems(TREE, 400);
            work.putItems(TREE + 1, 300);
            TestPool.snapshot(store, TREE);
            work.putItems(TREE, 50);
        }
        return device.copy();
    }

    private static void spoil(BlockDevice device, long address, Random random) throws IOException {
        byte[] garbage = new byte[1 + random.nextInt(2000)];
        random.nextBytes(garbage);
        device.write(Blocks.toBytes(address) + random.nextInt(2000), ByteBuffer.wrap(garbage));
    }

    private static void readAll(PoolStore store) throws IOException {
        for (long id = TREE; id < TREE + 3; id++) {
            TestPool.tree(store, id).read(Workload::itemsOf);
        }
    }

    private static byte[] bytes(BlockDevice device) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) device.sizeBytes());
        device.read(0, all);
        return all.array();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void readsSeeNothingOfABadPrimaryCopyAndMakeItGood(long seed) throws IOException {
        MemoryDevice whole = image();
        Random random = new Random(seed);
        MemoryDevice damaged = whole.copy();
        int count = 0;
        for (CommittedNode node : ReachableNodes.of(whole)) {
            if (random.nextInt(3) == 0) {
                spoil(damaged, node.pointer().address(), random);
                count++;
            }
        }
        DurableGuard device = new DurableGuard(damaged);
        PoolStore store = PoolStore.open(device, NO_CACHE);
        readAll(store);
        store.close();
        device.assertNoViolations();
        // space and refcount nodes that nobody read stay bad: they are the scrub's
        assertTrue(store.damage().repairedCopies() > 0);
        assertTrue(store.damage().repairedCopies() <= count);
        assertEquals(store.damage().repairedCopies(), device.repairCount());
        assertEquals(new PoolDamage(device.repairCount(), 0, 0), store.damage());
        PoolStore again = PoolStore.open(damaged, NO_CACHE);
        readAll(again);
        again.close();
        assertEquals(new PoolDamage(0, 0, 0), again.damage());
    }

    @Test
    void whatOpeningReadsIsRepairedToo() throws IOException {
        MemoryDevice whole = image();
        MemoryDevice damaged = whole.copy();
        CommittedNode root = ReachableNodes.of(whole).getFirst();
        spoil(damaged, root.pointer().address(), new Random(1));
        PoolStore store = PoolStore.open(damaged, TestPool.OPTIONS);
        store.close();
        assertArrayEquals(bytes(whole), bytes(damaged));
        assertEquals(1, store.damage().repairedCopies());
    }

    @Test
    void aPoolOpenForReadingIsNotWrittenToButCounts() throws IOException {
        MemoryDevice damaged = image();
        CommittedNode root = ReachableNodes.of(damaged).getFirst();
        spoil(damaged, root.pointer().address(), new Random(1));
        byte[] before = bytes(damaged);
        PoolStore store = PoolStore.open(damaged, READ_ONLY);
        readAll(store);
        store.close();
        assertArrayEquals(before, bytes(damaged));
        assertEquals(new PoolDamage(0, 1, 0), store.damage());
    }

    @Test
    void aPoolThatHasFailedIsNotWrittenTo() throws IOException {
        MemoryDevice damaged = image();
        FaultDevice device = new FaultDevice(damaged);
        PoolStore store = PoolStore.open(device, NO_CACHE);
        device.fail(DeviceOperation.FLUSH, 1);
        assertThrows(IOException.class, () -> store.submit(context -> {}));
        CommittedNode leaf = ReachableNodes.of(damaged).getLast();
        spoil(damaged, leaf.pointer().address(), new Random(1));
        byte[] before = bytes(damaged);
        readAll(store);
        store.close();
        assertArrayEquals(before, bytes(damaged));
        assertEquals(0, store.damage().repairedCopies());
        assertEquals(1, store.damage().badCopies());
    }

    /// The reader's worst mistake: it holds a pointer that was freed, whose primary block belongs
    /// to another node by now while its copy still has the old bytes.
    @Test
    void aDefectInARepairKeepsNobodyWaiting() throws IOException {
        MemoryDevice whole = image();
        spoil(whole, new SuperblockRing(whole).find().getFirst().root().address(), new Random(1));
        BadRepairs device = new BadRepairs(whole);
        PoolStore store = PoolStore.open(device, NO_CACHE);
        assertTimeoutPreemptively(Duration.ofSeconds(30), store::close);
        assertTrue(device.defects.get() > 0);
        assertEquals(0, store.damage().repairedCopies());
    }

    /// A device on which the thread that repairs meets a defect.
    private record BadRepairs(BlockDevice target, AtomicInteger defects)
            implements ForwardingDevice {
        BadRepairs(BlockDevice target) {
            this(target, new AtomicInteger());
        }

        @Override
        public void read(long position, ByteBuffer into) throws IOException {
            if (Thread.currentThread().getName().equals("cowfs-repair")) {
                defects.incrementAndGet();
                throw new AssertionError("a defect");
            }
            target.read(position, into);
        }
    }

    @Test
    void aNodeThatWasFreedIsNotBroughtBackOverItsSuccessor() throws IOException {
        MemoryDevice memory = image();
        PoolStore store = PoolStore.open(memory, NO_CACHE);
        CommittedNode old = store.state().rootTree();
        BlockPointer stale = old.pointer();
        byte[] foreign = new byte[SHAPE.nodeBytes()];
        new Random(3).nextBytes(foreign);
        for (int i = 0; i < 3; i++) {
            store.submit(context -> {});
        }
        assertNotEquals(stale, store.state().rootTree().pointer());
        memory.write(Blocks.toBytes(stale.copyAddress()), ByteBuffer.wrap(old.page()));
        memory.write(Blocks.toBytes(stale.address()), ByteBuffer.wrap(foreign));
        assertEquals(stale, store.nodes().readUncached(stale, old.level()).pointer());
        store.close();
        assertArrayEquals(foreign, ReachableNodes.read(memory, stale.address(), SHAPE.nodeBytes()));
        assertEquals(0, store.damage().repairedCopies());
    }

    /// As a power cut in the middle of a repair leaves it.
    @Test
    void aTornRepairLeavesTheGoodCopyAndIsDoneAgain() throws IOException {
        MemoryDevice whole = image();
        MemoryDevice damaged = whole.copy();
        CommittedNode leaf = ReachableNodes.of(whole).getLast();
        damaged.write(
                Blocks.toBytes(leaf.pointer().address()),
                ByteBuffer.wrap(new byte[SHAPE.nodeBytes()]));
        FaultDevice device = new FaultDevice(damaged);
        PoolStore store = PoolStore.open(device, NO_CACHE);
        device.tearWrite(1);
        readAll(store);
        store.close();
        assertEquals(new PoolDamage(0, 1, 0), store.damage());
        assertFalse(java.util.Arrays.equals(bytes(whole), bytes(damaged)));
        PoolStore again = PoolStore.open(damaged, NO_CACHE);
        readAll(again);
        again.close();
        assertArrayEquals(bytes(whole), bytes(damaged));
        assertEquals(new PoolDamage(1, 0, 0), again.damage());
    }

    @Test
    void theGuardKnowsARepairFromEveryOtherWrite() throws IOException {
        MemoryDevice memory = image();
        List<CommittedNode> nodes = ReachableNodes.of(memory);
        CommittedNode node = nodes.getLast();
        BlockPointer pointer = node.pointer();
        DurableGuard device = new DurableGuard(memory);
        long primary = Blocks.toBytes(pointer.address());
        long copy = Blocks.toBytes(pointer.copyAddress());
        // the copy is good: there is nothing to repair
        refused(device, primary, node.page());
        spoil(memory, pointer.address(), new Random(1));
        byte[] almost = node.page().clone();
        almost[4000] ^= 1;
        refused(device, primary, almost);
        refused(device, primary, nodes.get(1).page());
        refused(device, copy, node.page());
        refused(device, primary + 512, node.page());
        byte[] longer = java.util.Arrays.copyOf(node.page(), 2 * SHAPE.nodeBytes());
        refused(device, primary, longer);
        refused(device, primary, java.util.Arrays.copyOf(node.page(), 2048));
        device.write(primary, ByteBuffer.wrap(node.page()));
        assertEquals(1, device.repairCount());
    }

    private static void refused(DurableGuard device, long position, byte[] bytes) {
        assertThrows(AssertionError.class, () -> device.write(position, ByteBuffer.wrap(bytes)));
    }
}
