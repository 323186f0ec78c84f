package cowfs.btree;

import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.error.CorruptException;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.Arrays;
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
        if (depth >= 0 && leaf().isLeaf()) {
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
        Node node = above(depth);
        int slot = slots[depth];
        boolean exact =
                node.isLeaf()
                        && slot < node.itemCount()
                        && NodePage.compareKey(node.page(), slotPosition(), inode, kind, offset)
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
        slots[depth]--;
        return settleBackward();
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
        return Arrays.copyOfRange(page(), position(), position() + lengthBytes());
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

    /// Goes to where a key is or would be: to the end of a leaf, or in front of a part of the tree
    /// that can't be read and is passed.
    private boolean descend(long inode, int kind, long offset) throws IOException {
        Node node = tree.root();
        depth = -1;
        if (node == null) {
            return false;
        }
        depth = 0;
        nodes[0] = node;
        while (!node.isLeaf()) {
            slots[depth] = node.childSlot(inode, kind, offset);
            Node child = enter(depth);
            if (child == null) {
                return true;
            }
            nodes[++depth] = child;
            node = child;
        }
        slots[depth] =
                NodePage.lowerBound(node.page(), NodePage.LEAF_SLOT_BYTES, inode, kind, offset);
        return true;
    }

    /// The child at the current slot of an interior node; null for one that can't be read where the
    /// tree goes past such.
    private @Nullable Node enter(int level) throws IOException {
        Node node = above(level);
        try {
            Node child = tree.child(node, slots[level]);
            requireInBounds(child, level + 1);
            return child;
        } catch (IOException unreadable) {
            if (!tree.passes(node, slots[level], boundBehind(level), unreadable)) {
                throw unreadable;
            }
            return null;
        }
    }

    private Loss.Bound boundBehind(int level) {
        for (int up = level; up >= 0; up--) {
            if (slots[up] + 1 < above(up).itemCount()) {
                return BTree.bound(above(up), slots[up] + 1);
            }
        }
        return Loss.Bound.END;
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

    /// From a slot of a node on the path to the first item there or behind it.
    private boolean settleForward() throws IOException {
        while (true) {
            Node node = above(depth);
            if (slots[depth] >= node.itemCount()) {
                if (--depth < 0) {
                    return false;
                }
                slots[depth]++;
            } else if (node.isLeaf()) {
                return true;
            } else {
                Node child = enter(depth);
                if (child == null) {
                    slots[depth]++;
                } else {
                    nodes[++depth] = child;
                    slots[depth] = 0;
                }
            }
        }
    }

    /// From a slot of a node on the path to the last item there or before it.
    private boolean settleBackward() throws IOException {
        while (true) {
            Node node = above(depth);
            if (slots[depth] < 0) {
                if (--depth < 0) {
                    return false;
                }
                slots[depth]--;
            } else if (node.isLeaf()) {
                return true;
            } else {
                Node child = enter(depth);
                if (child == null) {
                    slots[depth]--;
                } else {
                    nodes[++depth] = child;
                    slots[depth] = child.itemCount() - 1;
                }
            }
        }
    }
}
