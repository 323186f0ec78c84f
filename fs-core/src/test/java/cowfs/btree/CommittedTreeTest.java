package cowfs.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Trees of three levels whose nodes are read from a device: cursors, changes of what is committed,
/// nodes that are lost, and leaves whose keys are out of place.
///
/// ```
///     root       [ 0          | 300            | 600           ]
///     parents    [ 0|100|200 ] [ 300|400|500 ] [ 600|700|800 ]
///     leaves       10 20 30 40   310 320 ...
/// ```
final class CommittedTreeTest {
    private static final int FANOUT = 3;
    private static final int ITEMS = 4;

    private final DeviceTree device = new DeviceTree();
    private final List<BlockPointer> leaves = new ArrayList<>();
    private final List<BlockPointer> parents = new ArrayList<>();
    private final TreeSet<Long> keys = new TreeSet<>();

    /// @param odd the leaf that has other keys, -1 for none
    private BlockPointer tree(int odd, long... oddKeys) throws IOException {
        long[] rootBounds = new long[FANOUT];
        for (int parent = 0; parent < FANOUT; parent++) {
            long[] bounds = new long[FANOUT];
            for (int slot = 0; slot < FANOUT; slot++) {
                bounds[slot] = 100L * leaves.size();
                leaves.add(device.leaf(leaves.size() == odd ? oddKeys : keysOf(leaves.size())));
            }
            rootBounds[parent] = bounds[0];
            parents.add(
                    device.interior(
                            1,
                            bounds,
                            leaves.subList(leaves.size() - FANOUT, leaves.size())
                                    .toArray(BlockPointer[]::new)));
        }
        return device.interior(2, rootBounds, parents.toArray(BlockPointer[]::new));
    }

    private long[] keysOf(int leaf) {
        long[] found = new long[ITEMS];
        for (int i = 0; i < ITEMS; i++) {
            found[i] = 100L * leaf + 10 * (i + 1);
            keys.add(found[i]);
        }
        return found;
    }

    private static List<Long> forwards(BTree tree) throws IOException {
        List<Long> found = new ArrayList<>();
        Cursor c = tree.cursor();
        for (boolean more = c.seek(0, 0, 0); more; more = c.next()) {
            assertArrayEquals(DeviceTree.value(c.inode()), c.value());
            found.add(c.inode());
        }
        assertFalse(c.valid());
        return found;
    }

    private static List<Long> backwards(BTree tree) throws IOException {
        List<Long> found = new ArrayList<>();
        Cursor c = tree.cursor();
        for (boolean more = c.seekFloor(-1, 255, -1); more; more = c.previous()) {
            found.addFirst(c.inode());
        }
        assertFalse(c.valid());
        return found;
    }

    @Test
    void allItemsAreFoundInBothDirections() throws IOException {
        BTree tree = device.reader(tree(-1), 2);
        assertEquals(DeviceTree.OWNER, tree.owner());
        assertEquals(3, tree.height());
        assertEquals(List.copyOf(keys), forwards(tree));
        assertEquals(List.copyOf(keys), backwards(tree));
        assertNull(BTree.readRoot(device.store(), BlockPointer.NONE, 0));
        assertFalse(device.reader(BlockPointer.NONE, 0).cursor().seek(0, 0, 0));
        assertFalse(device.reader(BlockPointer.NONE, 0).cursor().seekFloor(9, 9, 9));
    }

    @Test
    void aCursorThatIsNearFindsWhatAnyOtherFinds() throws IOException {
        BTree tree = device.reader(tree(-1), 2);
        Random random = new Random(1);
        Cursor near = tree.cursor();
        for (int i = 0; i < 2000; i++) {
            long probe = random.nextInt(950);
            Long want = keys.ceiling(probe);
            assertEquals(want != null, near.seekNear(probe, 1, 0), "probe " + probe);
            assertEquals(want, near.valid() ? near.inode() : null, "probe " + probe);
            if (i % 7 == 0 && near.valid()) {
                near.next();
            }
        }
    }

    @Test
    void changesLeaveWhatIsCommittedAsItWas() throws IOException {
        BlockPointer root = tree(-1);
        for (int seed = 1; seed <= 5; seed++) {
            Random random = new Random(seed);
            BTree tree = device.writer(root, 2, 13);
            TreeSet<Long> model = new TreeSet<>(keys);
            for (int step = 0; step < 3000; step++) {
                long key = random.nextInt(1000);
                if (random.nextInt(step < 1500 ? 3 : 6) > 1) {
                    assertEquals(model.remove(key), tree.remove(key, 1, 0), "seed " + seed);
                } else {
                    tree.put(key, 1, 0, DeviceTree.value(key));
                    model.add(key);
                }
                if (step % 500 == 0) {
                    tree.beginTxg(tree.txg() + 1);
                }
            }
            assertEquals(List.copyOf(model), forwards(tree));
            assertEquals(List.copyOf(model), backwards(tree));
            assertEquals(List.copyOf(keys), forwards(device.reader(root, 2)));
        }
    }

    @Test
    void replacingKeepsTheKeyAndTheLength() throws IOException {
        BTree tree = device.writer(tree(-1), 2, 13);
        tree.replace(320, 1, 0, DeviceTree.value(7));
        Cursor c = tree.cursor();
        assertTrue(tree.find(c, 320, 1, 0));
        assertArrayEquals(DeviceTree.value(7), c.value());
        assertEquals(3, tree.ownedCount());
        assertThrows(
                IllegalStateException.class, () -> tree.replace(321, 1, 0, DeviceTree.value(7)));
        assertThrows(IllegalStateException.class, () -> tree.replace(320, 1, 0, new byte[7]));
        assertEquals(13, tree.nodeCount());
        tree.beginOperation(device.store());
        tree.replace(320, 1, 0, DeviceTree.value(8));
        tree.undo();
        tree.endOperation();
        assertTrue(tree.find(c, 320, 1, 0));
        assertArrayEquals(DeviceTree.value(7), c.value());
    }

    @Test
    void anInteriorRootThatLosesItsOnlyChildBecomesAnEmptyLeaf() throws IOException {
        BlockPointer leaf = device.leaf(5);
        BTree tree = device.writer(device.interior(1, new long[] {0}, leaf), 1, 2);
        assertTrue(tree.remove(5, 1, 0));
        assertEquals(List.of(), forwards(tree));
        assertEquals(1, tree.nodeCount());
        assertEquals(1, tree.height());
        tree.put(6, 1, 0, DeviceTree.value(6));
        assertEquals(List.of(6L), forwards(tree));
    }

    /// What a walk loses.
    private record Lost(long block, int level, long first, long end) {}

    private static BTree tolerant(BTree tree, List<Lost> losses) {
        return tree.tolerant(
                loss ->
                        losses.add(
                                new Lost(
                                        loss.pointer().address(),
                                        loss.level(),
                                        loss.first().inode(),
                                        loss.end().inode())));
    }

    @Test
    void aTolerantReaderGoesPastALostLeafAndSaysWhatItMayHaveHeld() throws IOException {
        BTree tree = device.reader(tree(-1), 2);
        device.spoil(leaves.get(4));
        assertThrows(CorruptException.class, () -> forwards(tree));
        assertThrows(CorruptException.class, () -> backwards(tree));
        List<Lost> losses = new ArrayList<>();
        List<Long> left = keys.stream().filter(key -> key < 400 || key >= 500).toList();
        assertEquals(left, forwards(tolerant(tree, losses)));
        assertEquals(left, backwards(tolerant(tree, losses)));
        Lost leaf = new Lost(leaves.get(4).address(), 0, 400, 500);
        assertEquals(List.of(leaf, leaf), losses);
        Cursor c = tolerant(tree, losses).cursor();
        assertTrue(c.seek(420, 1, 0));
        assertEquals(510, c.inode());
        assertTrue(c.seekFloor(420, 1, 0));
        assertEquals(340, c.inode());
    }

    @Test
    void aTolerantReaderGoesPastALostParentAndALostEnd() throws IOException {
        BTree tree = device.reader(tree(-1), 2);
        device.spoil(parents.get(0));
        device.spoil(leaves.get(8));
        device.spoil(leaves.get(5));
        List<Lost> losses = new ArrayList<>();
        List<Long> left =
                keys.stream().filter(key -> key >= 300 && key < 800 && key / 100 != 5).toList();
        assertEquals(left, forwards(tolerant(tree, losses)));
        assertEquals(
                List.of(
                        new Lost(parents.get(0).address(), 1, 0, 300),
                        new Lost(leaves.get(5).address(), 0, 500, 600),
                        new Lost(leaves.get(8).address(), 0, 800, Loss.Bound.END.inode())),
                losses.stream().distinct().toList());
        assertEquals(left, backwards(tolerant(tree, losses)));
    }

    /// A leaf with keys that one of the nodes above does not allow: the first key of all, or the
    /// last one.
    @ParameterizedTest
    @CsvSource({
        "4, 399, 420", // below its own slot
        "4, 410, 500", // at the bound of the next slot
        "3, 299, 320", // the first of its parent, below the parent's slot
        "3, 290, 320",
        "5, 510, 600", // the last of its parent, at the bound of the next parent
        "5, 510, 610",
        "0, 10, 100",
        "8, 799, 810"
    })
    void aLeafWithKeysOutOfPlaceIsRefusedByEverybody(int leaf, long first, long last)
            throws IOException {
        BlockPointer root = tree(leaf, first, last);
        BTree reader = device.reader(root, 2);
        String block = "block=" + leaves.get(leaf).address() + ",";
        long inside = 100L * leaf + 15;
        assertRefused(block, () -> forwards(reader));
        assertRefused(block, () -> backwards(reader));
        assertRefused(block, () -> reader.cursor().seek(inside, 1, 0));
        assertRefused(block, () -> reader.cursor().seekFloor(inside, 1, 0));
        BTree writer = device.writer(root, 2, 13);
        assertRefused(block, () -> writer.put(inside, 1, 0, new byte[1]));
        assertRefused(block, () -> writer.remove(inside, 1, 0));
        assertRefused(block, () -> writer.replace(inside, 1, 0, new byte[1]));
        // each leaf is small: a removal merges it with a neighbour
        int neighbour = leaf % FANOUT == FANOUT - 1 ? leaf - 1 : leaf + 1;
        int rightmost = neighbour / FANOUT * FANOUT + FANOUT - 1;
        if (neighbour == leaf - 1 || neighbour == rightmost) {
            assertRefused(
                    block, () -> device.writer(root, 2, 13).remove(100L * neighbour + 10, 1, 0));
        }
    }

    /// The bounds of a slot are the first key that may be below it, and the first that may not.
    @Test
    void keysAtTheirBoundsAreInPlace() throws IOException {
        assertEquals(8 * ITEMS + 2, forwards(device.reader(tree(3, 300, 399), 2)).size());
        BTree writer = new CommittedTreeTest().writerOf(3, 300, 399);
        writer.put(350, 1, 0, DeviceTree.value(350));
        assertTrue(writer.remove(300, 1, 0));
        assertEquals(8 * ITEMS + 2, forwards(writer).size());
    }

    private BTree writerOf(int leaf, long first, long last) throws IOException {
        return device.writer(tree(leaf, first, last), 2, 13);
    }

    private interface Call {
        void run() throws IOException;
    }

    private static void assertRefused(String block, Call call) {
        CorruptException refused = assertThrows(CorruptException.class, call::run);
        assertTrue(refused.getMessage().contains(block), refused.getMessage());
    }
}
