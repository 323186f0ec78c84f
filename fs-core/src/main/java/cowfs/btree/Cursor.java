package cowfs.btree;

import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.error.CorruptException;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A position in a {@link BTree}: an item, read in place.
///
/// Void once the tree changes or the caller leaves its lock and epoch. Not thread safe.
public final class Cursor {
    private final BTree tree;
    private final @Nullable Node[] nodes = new Node[NodePage.MAX_LEVEL + 1];
    private final int[] slots = new int[NodePage.MAX_LEVEL + 1];
    private int depth = -1;

    Cursor(BTree tree) {
        this.tree = tree;
    }

    /// Goes to the first item whose key is not below the given one.
    ///
    /// @return false when there is none
    public boolean seek(long inode, int kind, long offset) throws IOException {
        if (!descend(inode, kind, offset)) {
            return false;
        }
        return settleForward();
    }

    /// The same as {@link #seek} for a cursor that may be near: within its leaf it goes there
    /// without a walk from the root.
    public boolean seekNear(long inode, int kind, long offset) throws IOException {
        if (depth >= 0) {
            Node leaf = leaf();
            byte[] page = leaf.page();
            int last = leaf.itemCount() - 1;
            if (last >= 0
                    && NodePage.compareKey(page, slotPosition(0), inode, kind, offset) <= 0
                    && NodePage.compareKey(page, slotPosition(last), inode, kind, offset) >= 0) {
                slots[depth] =
                        NodePage.lowerBound(page, NodePage.LEAF_SLOT_BYTES, inode, kind, offset);
                return true;
            }
        }
        return seek(inode, kind, offset);
    }

    /// Goes to the last item whose key is not above the given one.
    ///
    /// @return false when there is none
    public boolean seekFloor(long inode, int kind, long offset) throws IOException {
        if (!descend(inode, kind, offset)) {
            return false;
        }
        Node leaf = leaf();
        int slot = slots[depth];
        boolean exact =
                slot < leaf.itemCount()
                        && NodePage.compareKey(leaf.page(), slotPosition(), inode, kind, offset)
                                == 0;
        return exact || previous();
    }

    /// Goes to the following item.
    ///
    /// @return false when this was the last one; the cursor is then at none
    public boolean next() throws IOException {
        slots[depth]++;
        return settleForward();
    }

    /// Goes to the item before.
    ///
    /// @return false when this was the first one; the cursor is then at none
    public boolean previous() throws IOException {
        if (--slots[depth] >= 0) {
            return true;
        }
        while (depth > 0) {
            depth--;
            if (--slots[depth] >= 0) {
                descendAlong(false);
                if (leaf().itemCount() > 0) {
                    return true;
                }
            }
        }
        depth = -1;
        return false;
    }

    /// Whether the cursor is at an item.
    public boolean valid() {
        return depth >= 0;
    }

    public long inode() {
        return NodePage.inode(page(), slotPosition());
    }

    public int kind() {
        return NodePage.kind(page(), slotPosition());
    }

    public long offset() {
        return NodePage.offset(page(), slotPosition());
    }

    /// The page that holds the value.
    public byte[] page() {
        return leaf().page();
    }

    /// Where in the page the value starts.
    public int position() {
        return NodePage.valuePosition(page(), slotPosition());
    }

    /// The length of the value.
    public int lengthBytes() {
        return NodePage.valueLength(page(), slotPosition());
    }

    /// A copy of the value.
    public byte[] value() {
        return java.util.Arrays.copyOfRange(page(), position(), position() + lengthBytes());
    }

    private Node leaf() {
        return Objects.requireNonNull(nodes[depth], "the cursor is at no item");
    }

    private int slotPosition() {
        return slotPosition(slots[depth]);
    }

    private static int slotPosition(int slot) {
        return NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
    }

    private boolean descend(long inode, int kind, long offset) throws IOException {
        Node node = tree.root();
        depth = -1;
        if (node == null) {
            return false;
        }
        int level = 0;
        while (!node.isLeaf()) {
            int slot = node.childSlot(inode, kind, offset);
            nodes[level] = node;
            slots[level++] = slot;
            node = tree.child(node, slot);
            requireInBounds(node, level);
        }
        nodes[level] = node;
        slots[level] =
                NodePage.lowerBound(node.page(), NodePage.LEAF_SLOT_BYTES, inode, kind, offset);
        depth = level;
        return true;
    }

    /// Holds a node at the edge of its parent against the bounds of the nodes further up; the tree
    /// has held it against its parent.
    ///
    /// @param level how many nodes of the path lie above it
    private void requireInBounds(Node node, int level) throws CorruptException {
        if (node.itemCount() == 0 || !(node instanceof CommittedNode)) {
            return;
        }
        int left = level - 1;
        while (left >= 0 && slots[left] == 0) {
            left--;
        }
        int right = level - 1;
        while (right >= 0 && slots[right] + 1 == above(right).itemCount()) {
            right--;
        }
        boolean inside =
                (left < 0
                                || left == level - 1
                                || KeyBounds.compareFirst(node, above(left), slots[left]) >= 0)
                        && (right < 0
                                || right == level - 1
                                || KeyBounds.compareLast(node, above(right), slots[right] + 1) < 0);
        if (!inside) {
            throw KeyBounds.outOfBounds(node, tree.owner());
        }
    }

    private Node above(int level) {
        return Objects.requireNonNull(nodes[level]);
    }

    private boolean settleForward() throws IOException {
        while (slots[depth] >= Objects.requireNonNull(nodes[depth]).itemCount()) {
            if (--depth < 0) {
                return false;
            }
            slots[depth]++;
            if (slots[depth] < Objects.requireNonNull(nodes[depth]).itemCount()) {
                descendAlong(true);
            }
        }
        return true;
    }

    /// Goes down from the current interior slot along its left or right edge.
    private void descendAlong(boolean leftEdge) throws IOException {
        Node node = Objects.requireNonNull(nodes[depth]);
        while (!node.isLeaf()) {
            node = tree.child(node, slots[depth]);
            requireInBounds(node, depth + 1);
            nodes[++depth] = node;
            slots[depth] = leftEdge ? 0 : node.itemCount() - 1;
        }
    }
}
