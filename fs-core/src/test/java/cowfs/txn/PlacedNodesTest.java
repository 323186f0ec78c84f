package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.btree.Cursor;
import cowfs.device.DelayDevice;
import cowfs.device.DeviceOperation;
import cowfs.device.MemoryDevice;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import cowfs.format.TreeId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Nodes that a commit has given an address and not written yet: nobody may look for them on the
/// device.
final class PlacedNodesTest {
    private static final long SIZE_BYTES = 256L << 20;
    private static final int ITEM_COUNT = 40_000;

    /// A cache of a few nodes, so that reads reach the device.
    private static final PoolOptions OPTIONS =
            new PoolOptions(false, 1 << 16, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);

    private record Reference(BlockPointer pointer, int level) {}

    private static MemoryDevice formatted() throws IOException {
        MemoryDevice device = new MemoryDevice(SIZE_BYTES);
        Images.format(device, new FormatOptions(SIZE_BYTES, 4096, 2, ""));
        return device;
    }

    private static FileTree openTree(PoolStore store) throws IOException {
        Cursor cursor = store.rootTreeOf(store.state()).cursor();
        assertTrue(cursor.seek(TreeId.FIRST_SUBVOLUME, ItemKind.SUBVOLUME.number(), 0));
        SubvolumeItem item =
                SubvolumeItem.readFrom(
                        cursor.page(), cursor.position(), cursor.lengthBytes(), "main");
        return store.tree(TreeId.FIRST_SUBVOLUME, "main", item);
    }

    /// Makes a tree of three levels, all of it changed in the open group.
    private static void fill(FileTree tree) throws IOException {
        byte[] value = new byte[40];
        for (int from = 0; from < ITEM_COUNT; from += 1000) {
            int first = from;
            tree.change(
                    1000,
                    change -> {
                        for (int i = first; i < first + 1000; i++) {
                            change.tree().put(100 + i, ItemKind.XATTR.number(), 0, value);
                        }
                        assertTrue(change.tree().height() < 4);
                        return null;
                    });
        }
        assertEquals(3, (int) tree.read(items -> items.height()));
    }

    private static int countItems(FileTree tree) throws IOException {
        return tree.read(
                items -> {
                    int count = 0;
                    Cursor cursor = items.cursor();
                    for (boolean more = cursor.seek(100, 0, 0); more; more = cursor.next()) {
                        count++;
                    }
                    return count;
                });
    }

    @Test
    void treeCanBeReadAndChangedWhileItsCommitIsBeingWritten() throws Exception {
        DelayDevice device = new DelayDevice(formatted());
        try (PoolStore store = PoolStore.open(device, OPTIONS);
                ExecutorService committer = Executors.newSingleThreadExecutor()) {
            FileTree tree = openTree(store);
            fill(tree);
            Future<?> commit;
            try (DelayDevice.Hold held = device.hold(DeviceOperation.WRITE)) {
                commit =
                        committer.submit(
                                () -> {
                                    store.sync();
                                    return null;
                                });
                held.awaitArrival();
                assertEquals(ITEM_COUNT, countItems(tree));
                tree.change(
                        1,
                        change -> {
                            change.tree().put(99, ItemKind.XATTR.number(), 0, new byte[10]);
                            change.tree().remove(5000, ItemKind.XATTR.number(), 0);
                            return null;
                        });
                assertEquals(ITEM_COUNT - 1, countItems(tree));
            }
            commit.get(1, TimeUnit.MINUTES);
            store.sync();
            assertEquals(ITEM_COUNT - 1, countItems(tree));
        }
    }

    @Test
    void stepCanFreeATreeThatItsOwnCommitHasPlaced() throws IOException {
        try (PoolStore store = PoolStore.open(formatted(), OPTIONS)) {
            fill(openTree(store));
            int[] dropped = new int[1];
            store.submit(
                    context -> {
                        SubvolumeItem item = context.lookupSubvolume(TreeId.FIRST_SUBVOLUME);
                        assertNotNull(item);
                        Deque<Reference> left = new ArrayDeque<>();
                        left.push(new Reference(item.root(), item.rootLevel()));
                        while (!left.isEmpty()) {
                            Reference next = left.pop();
                            context.dropNode(
                                    next.pointer,
                                    next.level,
                                    (pointer, level) -> left.push(new Reference(pointer, level)));
                            dropped[0]++;
                        }
                        context.rootTree()
                                .remove(TreeId.FIRST_SUBVOLUME, ItemKind.SUBVOLUME.number(), 0);
                    });
            assertTrue(dropped[0] > 600, "only " + dropped[0] + " nodes");
        }
    }
}
