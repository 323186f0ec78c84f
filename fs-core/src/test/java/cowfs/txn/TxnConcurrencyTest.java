package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.device.MemoryDevice;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Several threads at once: writers of different trees, readers of durable states and of data,
/// forced commits and discards.
final class TxnConcurrencyTest {
    private static final long FIRST = TreeId.FIRST_SUBVOLUME;
    private static final int KIND = ItemKind.INODE.number();

    private static void run(List<Callable<?>> tasks, AtomicBoolean stop)
            throws InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
        AssertionError first = null;
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Callable<?> task : tasks) {
                running.add(executor.submit(task));
            }
            for (Future<?> each : running) {
                try {
                    each.get();
                } catch (ExecutionException failed) {
                    stop.set(true);
                    if (first == null) {
                        first = new AssertionError("a thread failed", failed.getCause());
                    }
                }
            }
        } finally {
            executor.shutdownNow();
        }
        if (first != null) {
            throw first;
        }
    }

    @ParameterizedTest
    @CsvSource({"32, 4096, 1, 1", "32, 8192, 2, 2", "33, 16384, 1, 3"})
    void writersReadersAndCommitsDoNotDisturbEachOther(
            int sizeMiB, int nodeBytes, int copies, long seed)
            throws IOException, InterruptedException {
        int writers = 3;
        MemoryDevice memory =
                TestPool.image(new TestPool.Shape(sizeMiB, nodeBytes, copies), writers);
        DurableGuard device = new DurableGuard(memory);
        PoolStore store = PoolStore.open(device, TestPool.OPTIONS);
        AtomicBoolean stop = new AtomicBoolean();
        List<Workload> workloads = new ArrayList<>();
        List<Callable<?>> tasks = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            long id = FIRST + i;
            Workload work = new Workload(store, seed * 10 + i).withExtentsUpTo(60);
            work.addTree(id);
            workloads.add(work);
            Random random = new Random(seed * 10 + i);
            tasks.add(
                    () -> {
                        for (int step = 0; step < 500 && !stop.get(); step++) {
                            work.change(id);
                            int dice = random.nextInt(60);
                            if (dice < 5) {
                                TestPool.tree(store, id).sync();
                            } else if (dice == 5) {
                                store.sync();
                            } else if (dice == 6) {
                                store.discardUnused();
                            } else if (dice == 7) {
                                store.groups().forceFreesBack();
                            } else if (dice == 8) {
                                work.compare(id);
                            }
                        }
                        stop.set(true);
                        return true;
                    });
        }
        tasks.add(
                () -> {
                    while (!stop.get()) {
                        readDurableState(store);
                    }
                    return true;
                });
        tasks.add(
                () -> {
                    while (!stop.get()) {
                        for (int i = 0; i < writers; i++) {
                            readData(store, FIRST + i);
                        }
                    }
                    return true;
                });
        try {
            run(tasks, stop);
        } catch (AssertionError failed) {
            throw new AssertionError("seed " + seed, failed);
        }
        device.assertNoViolations();
        store.close();
        ImageAudit audit = ImageAudit.of(device);
        SortedMap<Long, SortedMap<ItemKey, ByteBuffer>> want = new TreeMap<>();
        for (int i = 0; i < writers; i++) {
            want.put(FIRST + i, workloads.get(i).model(FIRST + i));
        }
        assertEquals(want, audit.contents(), "seed " + seed);
    }

    /// Walks every node of the last durable state; each must verify.
    private static void readDurableState(PoolStore store) throws IOException {
        long epoch = store.epochs().enter();
        try {
            CommittedState state = store.state();
            Cursor cursor = store.rootTreeOf(state).cursor();
            for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
                if (cursor.kind() == ItemKind.SUBVOLUME.number()) {
                    SubvolumeItem item =
                            SubvolumeItem.readFrom(
                                    cursor.page(),
                                    cursor.position(),
                                    cursor.lengthBytes(),
                                    "tree=" + cursor.inode());
                    var root = BTree.readRoot(store.nodes(), item.root(), item.rootLevel());
                    Workload.itemsOf(BTree.reader(store.nodes(), cursor.inode(), root));
                }
            }
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// Resolves extents under the tree's lock and reads their blocks outside it, inside an epoch.
    private static void readData(PoolStore store, long id) throws IOException {
        long epoch = store.data().enterEpoch();
        try {
            SortedMap<ItemKey, ByteBuffer> items = TestPool.tree(store, id).read(Workload::itemsOf);
            for (var item : items.entrySet()) {
                byte[] value = item.getValue().array();
                if (item.getKey().kind() == ItemKind.CONTENT.number()
                        && ContentItem.ENCODING.get(value, 0) == ContentItem.PLAIN) {
                    byte[] block = new byte[Blocks.SIZE];
                    for (int i = 0; i < ContentItem.blockCount(value, 0); i++) {
                        store.data()
                                .read(
                                        ContentItem.ADDRESS.get(value, 0) + i,
                                        ByteBuffer.wrap(block));
                        assertEquals(
                                ContentItem.crc(value, 0, i),
                                Checksum.crc32c(block, 0, block.length),
                                "block reused under a reader");
                    }
                }
            }
        } finally {
            store.data().leaveEpoch(epoch);
        }
    }

    @Test
    void syncOfThePoolCoversChangesThatAnotherThreadIsCommitting()
            throws IOException, InterruptedException {
        MemoryDevice memory = TestPool.image(new TestPool.Shape(32, 4096, 1), 2);
        try (PoolStore store = PoolStore.open(memory, TestPool.OPTIONS)) {
            AtomicBoolean stop = new AtomicBoolean();
            List<Callable<?>> tasks = new ArrayList<>();
            for (long id = FIRST; id < FIRST + 2; id++) {
                long tree = id;
                tasks.add(
                        () -> {
                            for (long round = 1; round <= 1000 && !stop.get(); round++) {
                                putNumber(TestPool.tree(store, tree), round);
                                store.sync();
                                assertTrue(
                                        durableNumber(store, tree) >= round, "sync returned early");
                            }
                            return true;
                        });
            }
            run(tasks, stop);
        }
    }

    private static void putNumber(FileTree tree, long number) throws IOException {
        tree.change(
                1,
                change -> {
                    change.tree().put(5, KIND, 0, ByteBuffer.allocate(8).putLong(number).array());
                    return true;
                });
    }

    private static long durableNumber(PoolStore store, long id) throws IOException {
        long epoch = store.epochs().enter();
        try {
            SubvolumeItem item = TestPool.item(store, id);
            var root = BTree.readRoot(store.nodes(), item.root(), item.rootLevel());
            ByteBuffer value =
                    Workload.itemsOf(BTree.reader(store.nodes(), id, root))
                            .get(new ItemKey(5, KIND, 0));
            return value == null ? 0 : value.getLong();
        } finally {
            store.epochs().leave(epoch);
        }
    }
}
