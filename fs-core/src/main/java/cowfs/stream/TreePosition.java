package cowfs.stream;

import cowfs.block.CommittedNode;
import cowfs.block.NodeSource;
import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A place on the way through a committed tree, in key order: before an item, before a subtree that
/// has not been entered, or behind everything. Whoever walks may step into a subtree or over it.
///
/// ```
///   root   [ 10 | 50 | 90 ]         path: root, slot 1: before the subtree of 50
///                 |                 enter(): root, slot 1; leaf, slot 0: before its first item
///   leaf      [ 50 52 57 ]          skip(): root, slot 2
/// ```
///
/// Every position has a *bound*: no item that is still to come has a lower key. Of an item that is
/// its key. Of a subtree it is the key of its slot, but for a leftmost slot the bound of the node
/// itself: the key that stands in a leftmost slot is never relied on.
///
/// A node is held against the bounds of the nodes above when it is entered, so keys rise along the
/// whole way, no node comes twice and every walk ends, also in an image that was made to mislead.
/// Memory: the nodes of one path. Not thread safe.
final class TreePosition {
    private static final int MAX_DEPTH = NodePage.MAX_LEVEL + 1;

    private final NodeSource source;
    private final TreeRoot root;
    private final @Nullable CommittedNode[] nodes = new CommittedNode[MAX_DEPTH];
    private final int[] slots = new int[MAX_DEPTH];

    /// The last node of the path; -1 before the root, and behind everything.
    private int depth = -1;

    private boolean ended;

    /// Before the whole tree.
    TreePosition(NodeSource source, TreeRoot root) {
        this.source = source;
        this.root = root;
        this.ended = root.isEmpty();
    }

    /// Whether nothing is left.
    boolean atEnd() {
        return ended;
    }

    /// Whether an item is next.
    boolean atItem() {
        return !ended && depth >= 0 && node(depth).isLeaf();
    }

    /// Whether a subtree is next.
    boolean atSubtree() {
        return !ended && (depth < 0 || !node(depth).isLeaf());
    }

    /// The pointer to the subtree that is next.
    BlockPointer pointer() {
        return depth < 0 ? root.pointer() : NodePage.pointer(page(depth), slotPosition(depth));
    }

    /// The level of the root of the subtree that is next.
    int level() {
        return depth < 0 ? root.level() : node(depth).level() - 1;
    }

    /// Goes into the subtree that is next.
    ///
    /// @throws CorruptException when its root can't be read, or its keys leave their bounds
    void enter() throws IOException {
        CommittedNode child = source.read(pointer(), level());
        if (child.itemCount() > 0 && !isInBounds(child)) {
            throw new CorruptException(
                    "node",
                    child.pointer().toString(),
                    "its keys leave the bounds that its parents set");
        }
        nodes[++depth] = child;
        slots[depth] = 0;
        settle();
    }

    /// Goes past the item or the subtree that is next.
    void skip() {
        if (depth < 0) {
            ended = true;
            return;
        }
        slots[depth]++;
        settle();
    }

    long inode() {
        return NodePage.inode(page(depth), slotPosition(depth));
    }

    int kind() {
        return NodePage.kind(page(depth), slotPosition(depth));
    }

    long offset() {
        return NodePage.offset(page(depth), slotPosition(depth));
    }

    /// The value of the item that is next.
    ItemValue value() {
        byte[] page = page(depth);
        int at = slotPosition(depth);
        return new ItemValue(
                page, NodePage.valuePosition(page, at), NodePage.valueLength(page, at));
    }

    /// Compares the bounds of two positions, neither of them at its end.
    int compareBound(TreePosition other) {
        int own = boundDepth();
        int others = other.boundDepth();
        if (own < 0 || others < 0) {
            return Integer.compare(own < 0 ? 0 : 1, others < 0 ? 0 : 1);
        }
        byte[] page = other.page(others);
        int at = other.slotPosition(others);
        return NodePage.compareKey(
                page(own),
                slotPosition(own),
                NodePage.inode(page, at),
                NodePage.kind(page, at),
                NodePage.offset(page, at));
    }

    /// The node of the path whose current slot holds the bound; -1 when there is none but zero.
    private int boundDepth() {
        if (atItem()) {
            return depth;
        }
        int at = depth;
        while (at >= 0 && slots[at] == 0) {
            at--;
        }
        return at;
    }

    private boolean isInBounds(CommittedNode child) {
        byte[] page = child.page();
        int slotBytes = NodePage.slotBytes(page);
        int low = boundDepth();
        if (low >= 0 && compare(page, NodePage.slotPosition(0, slotBytes), low, slots[low]) < 0) {
            return false;
        }
        int high = depth;
        while (high >= 0 && slots[high] + 1 == node(high).itemCount()) {
            high--;
        }
        int last = NodePage.slotPosition(child.itemCount() - 1, slotBytes);
        return high < 0 || compare(page, last, high, slots[high] + 1) < 0;
    }

    /// Compares a key of a node with that of a slot in an interior node of the path.
    private int compare(byte[] page, int slotPosition, int above, int slot) {
        byte[] abovePage = page(above);
        int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
        return NodePage.compareKey(
                page,
                slotPosition,
                NodePage.inode(abovePage, at),
                NodePage.kind(abovePage, at),
                NodePage.offset(abovePage, at));
    }

    /// Leaves the nodes that are done.
    private void settle() {
        while (depth >= 0 && slots[depth] >= node(depth).itemCount()) {
            nodes[depth] = null;
            if (--depth >= 0) {
                slots[depth]++;
            }
        }
        ended = depth < 0;
    }

    private CommittedNode node(int at) {
        return Objects.requireNonNull(nodes[at], "no node at this depth");
    }

    private byte[] page(int at) {
        return node(at).page();
    }

    private int slotPosition(int at) {
        return NodePage.slotPosition(slots[at], NodePage.slotBytes(page(at)));
    }
}
