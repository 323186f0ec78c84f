package cowfs.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.block.OwnedNode;
import cowfs.format.NodePage;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where full leaves are divided. Items of 43 bytes and their slots take 64: 63 of them fill a
/// leaf.
final class LeafSplitTest {
    private static final int FULL = 63;
    private static final int BYTES = 43;
    private static final int CAPACITY = 4096 - NodePage.HEADER_BYTES;

    /// A leaf with as many items of one inode after the other.
    private static OwnedNode leaf(int lengthBytes, int... itemsOfInode) {
        OwnedNode node = OwnedNode.create(4096, 0, 16, new UUID(1, 2), 1);
        int slot = 0;
        for (int inode = 0; inode < itemsOfInode.length; inode++) {
            for (int i = 0; i < itemsOfInode[inode]; i++) {
                node.insertItem(slot++, 10 + inode, 1, i, new byte[lengthBytes], 0, lengthBytes);
            }
        }
        return node;
    }

    @Test
    void anItemAfterAllOthersStartsANewLeaf() {
        byte[] page = leaf(BYTES, FULL).page();
        assertEquals(new LeafSplit(FULL, true), LeafSplit.choose(page, FULL, 10, BYTES));
        assertEquals(new LeafSplit(FULL, true), LeafSplit.choose(page, FULL, 11, BYTES));
    }

    @Test
    void anItemAtTheEndOfItsInodeMovesThoseBehindAway() {
        byte[] page = leaf(BYTES, 40, 23).page();
        assertEquals(new LeafSplit(40, false), LeafSplit.choose(page, 40, 10, BYTES));
        // the first of the inode behind is no end
        assertEquals(31, LeafSplit.choose(page, 40, 11, BYTES).firstMoved(), 1);
        // neither is one among its inode's own
        assertEquals(31, LeafSplit.choose(page, 20, 10, BYTES).firstMoved(), 1);
        assertEquals(31, LeafSplit.choose(page, 0, 10, BYTES).firstMoved(), 1);
    }

    @Test
    void anItemAtTheEndOfItsInodeStaysOnlyIfThereIsRoom() {
        byte[] page = leaf(BYTES, 62, 1).page();
        int room = CAPACITY - 62 * 64 - NodePage.LEAF_SLOT_BYTES;
        assertEquals(new LeafSplit(62, false), LeafSplit.choose(page, 62, 10, room));
        LeafSplit tooLong = LeafSplit.choose(page, 62, 10, room + 1);
        assertTrue(tooLong.firstMoved() < 40, tooLong.toString());
    }

    @Test
    void anItemInTheMiddleDividesTheBytesEvenly() {
        byte[] page = leaf(BYTES, FULL).page();
        LeafSplit low = LeafSplit.choose(page, 10, 10, BYTES);
        assertEquals(new LeafSplit(31, false), low);
        LeafSplit high = LeafSplit.choose(page, 50, 10, BYTES);
        assertEquals(new LeafSplit(32, true), high);
    }

    /// Whatever the items are: both leaves get something, and no other division is more even.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void noOtherDivisionIsMoreEven(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            OwnedNode node = OwnedNode.create(4096, 0, 16, new UUID(1, 2), 1);
            int count = 0;
            for (int next = random.nextInt(900);
                    node.freeBytes() >= NodePage.LEAF_SLOT_BYTES + next;
                    next = random.nextInt(900)) {
                node.insertItem(count, 10, 1, 2 * count, new byte[next], 0, next);
                count++;
            }
            int slot = random.nextInt(count);
            int need = NodePage.LEAF_SLOT_BYTES + random.nextInt(900);
            LeafSplit split =
                    LeafSplit.choose(node.page(), slot, 10, need - NodePage.LEAF_SLOT_BYTES);
            int best = Integer.MAX_VALUE;
            for (int first = 0; first <= count; first++) {
                if (slot >= first) {
                    best = Math.min(best, larger(node, first, need, true));
                }
                if (slot <= first) {
                    best = Math.min(best, larger(node, first, need, false));
                }
            }
            assertTrue(
                    split.insertRight() ? slot >= split.firstMoved() : slot <= split.firstMoved());
            assertEquals(best, larger(node, split.firstMoved(), need, split.insertRight()));
        }
    }

    /// The bytes of the larger side; as good as nothing when one side is empty.
    private static int larger(OwnedNode node, int firstMoved, int need, boolean insertRight) {
        int left = insertRight ? 0 : need;
        int right = insertRight ? need : 0;
        for (int slot = 0; slot < node.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            int bytes = NodePage.LEAF_SLOT_BYTES + NodePage.valueLength(node.page(), at);
            left += slot < firstMoved ? bytes : 0;
            right += slot < firstMoved ? 0 : bytes;
        }
        return left == 0 || right == 0 ? Integer.MAX_VALUE : Math.max(left, right);
    }
}
