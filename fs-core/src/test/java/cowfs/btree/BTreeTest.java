package cowfs.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.block.Node;
import cowfs.block.NodeSource;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.device.BlockDevice;
import cowfs.format.NodePage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BTreeTest {
    private static final UUID IMAGE = new UUID(1, 2);

    private record Key(long inode, int kind, long offset) {}

    private static final Comparator<Key> UNSIGNED =
            Comparator.comparing(Key::inode, Long::compareUnsigned)
                    .thenComparing(Key::kind)
                    .thenComparing(Key::offset, Long::compareUnsigned);

    /// No node of these trees is ever on a device.
    private static final BlockDevice NOWHERE =
            new BlockDevice() {
                @Override
                public long sizeBytes() {
                    return 0;
                }

                @Override
                public void read(long position, ByteBuffer target) throws IOException {
                    throw new IOException("nothing was ever written");
                }

                @Override
                public void write(long position, ByteBuffer source) throws IOException {
                    throw new IOException("a tree does not write");
                }

                @Override
                public void flush() {}

                @Override
                public void discard(long position, long lengthBytes) {}

                @Override
                public void close() {}
            };

    private static final NodeSource UNREADABLE =
            (pointer, level) -> {
                throw new IOException("nothing was ever written");
            };

    private static BTree tree(int nodeBytes, ShadowListener listener) {
        NodeStore store = new NodeStore(NOWHERE, IMAGE, nodeBytes, 1 << 20, 1 << 20);
        return BTree.writer(store, 16, null, 0, 1, listener);
    }

    @ParameterizedTest
    @CsvSource({"4096, 1", "4096, 2", "8192, 3", "16384, 4", "65536, 5"})
    void agreesWithAMapUnderRandomChangesAcrossTransactionGroups(int nodeBytes, long seed)
            throws IOException {
        Random random = new Random(seed);
        BTree tree = tree(nodeBytes, old -> {});
        TreeMap<Key, byte[]> model = new TreeMap<>(UNSIGNED);
        for (int step = 0; step < 30_000; step++) {
            Key key = new Key(random.nextInt(20) - 2, 1 + random.nextInt(3), random.nextInt(300));
            if (random.nextInt(step < 15_000 ? 4 : 2) == 0) {
                assertEquals(
                        model.remove(key) != null,
                        tree.remove(key.inode, key.kind, key.offset),
                        "seed=" + seed + " step=" + step);
            } else {
                byte[] value =
                        new byte
                                [random.nextInt(10) == 0
                                        ? random.nextInt(tree.maxValueBytes() + 1)
                                        : random.nextInt(80)];
                random.nextBytes(value);
                tree.put(key.inode, key.kind, key.offset, value);
                model.put(key, value);
            }
            if (step % 5_000 == 0) {
                tree.beginTxg(tree.txg() + 1);
            }
            if (step % 2_500 == 0) {
                assertSame(model, tree, seed);
            }
        }
        assertSame(model, tree, seed);
        for (Key key : List.copyOf(model.keySet())) {
            assertTrue(tree.remove(key.inode, key.kind, key.offset));
        }
        assertFalse(tree.cursor().seek(0, 0, 0), "an emptied tree has no items");
        assertEquals(1, tree.nodeCount());
    }

    @ParameterizedTest
    @CsvSource({"4096, 1", "4096, 2", "16384, 3"})
    void anOperationThatIsUndoneLeavesTheItemsAsTheyWere(int nodeBytes, long seed)
            throws IOException {
        Random random = new Random(seed);
        BTree tree = tree(nodeBytes, old -> {});
        TreeMap<Key, byte[]> model = new TreeMap<>(UNSIGNED);
        for (int operation = 0; operation < 600; operation++) {
            tree.beginOperation(UNREADABLE);
            assertFalse(tree.operationChangedItems());
            TreeMap<Key, byte[]> changed = new TreeMap<>(model);
            boolean emptying = random.nextInt(3) == 0;
            long inode = random.nextInt(5);
            for (int step = random.nextInt(400); step >= 0; step--) {
                Key key = new Key(inode, 1, random.nextInt(300));
                if (emptying || random.nextInt(3) == 0) {
                    changed.remove(key);
                    tree.remove(key.inode, key.kind, key.offset);
                } else {
                    byte[] value = new byte[random.nextInt(200)];
                    random.nextBytes(value);
                    changed.put(key, value);
                    tree.put(key.inode, key.kind, key.offset, value);
                }
            }
            assertTrue(changed.equals(model) || tree.operationChangedItems());
            if (random.nextBoolean()) {
                tree.undo();
                assertFalse(tree.operationChangedItems(), "undone");
            } else {
                model = changed;
            }
            tree.endOperation();
            assertSame(model, tree, seed);
            if (operation % 50 == 0) {
                tree.beginTxg(tree.txg() + 1);
            }
        }
    }

    private static void assertSame(TreeMap<Key, byte[]> model, BTree tree, long seed)
            throws IOException {
        Cursor cursor = tree.cursor();
        boolean more = cursor.seek(0, 0, 0);
        for (Map.Entry<Key, byte[]> each : model.entrySet()) {
            assertTrue(more, "seed=" + seed + " missing " + each.getKey());
            assertEquals(
                    each.getKey(),
                    new Key(cursor.inode(), cursor.kind(), cursor.offset()),
                    "seed=" + seed);
            assertArrayEquals(each.getValue(), cursor.value());
            more = cursor.next();
        }
        assertFalse(more, "seed=" + seed + " the tree has more items than the model");
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            Key probe = new Key(random.nextInt(22) - 3, random.nextInt(5), random.nextInt(310));
            assertEquals(
                    model.ceilingKey(probe),
                    keyOf(cursor, cursor.seek(probe.inode, probe.kind, probe.offset)));
            assertEquals(
                    model.floorKey(probe),
                    keyOf(cursor, cursor.seekFloor(probe.inode, probe.kind, probe.offset)));
            if (cursor.valid()) {
                Key here = keyOf(cursor, true);
                assertEquals(model.lowerKey(here), keyOf(cursor, cursor.previous()));
            }
        }
        assertEquals(model.size(), check(tree));
    }

    private static Key keyOf(Cursor cursor, boolean found) {
        return found ? new Key(cursor.inode(), cursor.kind(), cursor.offset()) : null;
    }

    /// Walks all nodes: structure, bounds, counters. Returns the number of items.
    private static long check(BTree tree) throws IOException {
        long[] counts = new long[3];
        if (tree.root() != null) {
            walk(tree, tree.root(), new Key(0, 0, 0), null, counts);
        }
        assertEquals(tree.nodeCount(), counts[1], "node count");
        assertEquals(tree.ownedCount(), counts[2], "owned count");
        return counts[0];
    }

    private static void walk(BTree tree, Node node, Key low, Key high, long[] counts)
            throws IOException {
        byte[] page = node.page();
        counts[1]++;
        if (node instanceof OwnedNode owned && owned.txg() == tree.txg()) {
            counts[2]++;
        }
        int slotBytes = NodePage.slotBytes(page);
        List<Key> keys = new ArrayList<>();
        for (int slot = 0; slot < node.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            Key key =
                    new Key(
                            NodePage.inode(page, at),
                            NodePage.kind(page, at),
                            NodePage.offset(page, at));
            assertTrue(UNSIGNED.compare(low, key) <= 0, "below its bound");
            assertTrue(high == null || UNSIGNED.compare(key, high) < 0, "above its bound");
            keys.add(key);
        }
        if (node.isLeaf()) {
            NodePage.validate(page, IMAGE, 0, "test");
            counts[0] += node.itemCount();
            return;
        }
        assertEquals(low, keys.getFirst(), "slot 0 holds the lower bound");
        for (int slot = 0; slot < keys.size(); slot++) {
            Key next = slot + 1 < keys.size() ? keys.get(slot + 1) : high;
            walk(tree, tree.child(node, slot), keys.get(slot), next, counts);
        }
    }

    @Test
    void ascendingInsertsLeaveLeavesFull() throws IOException {
        BTree tree = tree(4096, old -> {});
        byte[] value = new byte[43];
        int items = 63 * 100;
        for (int i = 0; i < items; i++) {
            tree.put(5, 5, i, value);
        }
        // (4096 - 64) / (21 + 43) = 63 items fill a leaf exactly
        assertEquals(100, leaves(tree, tree.root()));
    }

    @Test
    void aTreeThatIsThinnedOutMergesItsLeavesAndLosesALevel() throws IOException {
        BTree tree = tree(4096, old -> {});
        byte[] value = new byte[43];
        int items = 63 * 100;
        for (int i = 0; i < items; i++) {
            tree.put(5, 5, i, value);
        }
        assertEquals(3, tree.height());
        for (int i = 0; i < items; i++) {
            if (i % 16 != 0) {
                assertTrue(tree.remove(5, 5, i));
            }
        }
        assertEquals(2, tree.height());
        int leaves = leaves(tree, tree.root());
        // none is less than a quarter full, and what merges stays within three quarters
        int most = items / 16 * 64 / (4032 / 4) + 1;
        int least = items / 16 * 64 / (4032 / 4 * 3);
        assertTrue(leaves >= least && leaves <= most, leaves + " leaves");
        assertEquals(leaves + 1, tree.nodeCount());
    }

    private static int leaves(BTree tree, Node node) throws IOException {
        if (node.isLeaf()) {
            return 1;
        }
        int sum = 0;
        for (int slot = 0; slot < node.itemCount(); slot++) {
            sum += leaves(tree, tree.child(node, slot));
        }
        return sum;
    }

    @Test
    void theFirstChangeInAGroupShadowsThePathOnceParentsFirst() throws IOException {
        List<Node> shadowed = new ArrayList<>();
        BTree tree = tree(4096, shadowed::add);
        for (int i = 0; i < 5_000; i++) {
            tree.put(i, 1, 0, new byte[50]);
        }
        assertEquals(List.of(), shadowed, "nodes of the open group are changed in place");
        int height = tree.height();
        Node frozen = tree.root();
        tree.beginTxg(2);
        IdentityHashMap<Node, byte[]> before = new IdentityHashMap<>();
        before.put(frozen, frozen.page().clone());
        tree.put(2_500, 1, 0, new byte[60]);
        tree.put(2_500, 1, 0, new byte[50]);
        assertEquals(height, shadowed.size());
        assertEquals(frozen, shadowed.getFirst());
        assertEquals(0, shadowed.getLast().level());
        assertEquals(height, tree.ownedCount());
        before.forEach(
                (node, page) -> assertArrayEquals(page, node.page(), "a frozen node changed"));
    }

    @Test
    void removingWhatIsNotThereCopiesNothing() throws IOException {
        List<Node> shadowed = new ArrayList<>();
        BTree tree = tree(4096, shadowed::add);
        tree.put(1, 1, 1, new byte[1]);
        tree.beginTxg(2);
        assertFalse(tree.remove(1, 1, 2));
        assertEquals(List.of(), shadowed);
    }

    @Test
    void aTreeOpenedForReadingRefusesChanges() throws IOException {
        BTree writable = tree(4096, old -> {});
        writable.put(1, 1, 1, new byte[1]);
        NodeStore store = new NodeStore(NOWHERE, IMAGE, 4096, 1 << 20, 1 << 20);
        BTree reader = BTree.reader(store, 16, writable.root());
        assertTrue(reader.find(reader.cursor(), 1, 1, 1));
        assertThrows(IllegalStateException.class, () -> reader.put(1, 1, 1, new byte[2]));
    }

    @Test
    void aValueBeyondTheCapIsRefused() {
        BTree tree = tree(4096, old -> {});
        assertThrows(
                IllegalArgumentException.class,
                () -> tree.put(1, 1, 1, new byte[tree.maxValueBytes() + 1]));
    }

    @Test
    void boundsStayInOrderWhenAnEmptiedRangeIsFilledAgain() throws IOException {
        BTree tree = tree(4096, old -> {});
        byte[] value = new byte[1000];
        int count = 1500;
        for (int i = 1; i <= count; i++) {
            tree.put(7, 1, i, value);
        }
        Node root = tree.root();
        assertTrue(root != null && root.level() == 2, "the tree has interior nodes below its root");
        int second = NodePage.slotPosition(1, NodePage.INTERIOR_SLOT_BYTES);
        long bound = NodePage.offset(root.page(), second);
        for (long i = 1; i < bound; i++) {
            assertTrue(tree.remove(7, 1, i));
        }
        for (long i = 1; i < bound; i++) {
            tree.put(7, 1, i, value);
        }
        assertOrdered(tree, tree.root());
        Cursor cursor = tree.cursor();
        for (long i = 1; i <= count; i++) {
            assertTrue(tree.find(cursor, 7, 1, i), "key " + i);
        }
    }

    private static void assertOrdered(BTree tree, Node node) throws IOException {
        int slotBytes = NodePage.slotBytes(node.page());
        for (int slot = 0; slot < node.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            if (slot > 0) {
                assertTrue(
                        NodePage.compareKey(
                                        node.page(),
                                        at - slotBytes,
                                        NodePage.inode(node.page(), at),
                                        NodePage.kind(node.page(), at),
                                        NodePage.offset(node.page(), at))
                                < 0,
                        "level " + node.level() + " slot " + slot);
            }
            if (!node.isLeaf()) {
                assertOrdered(tree, tree.child(node, slot));
            }
        }
    }
}
