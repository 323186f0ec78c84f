package cowfs.btree;

import cowfs.block.Node;
import cowfs.error.CorruptException;
import cowfs.format.NodePage;

/// The bounds that a node's parents set for its keys: not below the key of its own slot, and below
/// the key of the next one.
///
/// A committed child is held against the bounds of its parent, and by {@link Cursor} and {@link
/// TreeWriter} against those of all nodes above, whenever it is entered. So keys rise along every
/// walk, no node comes twice, and every walk ends, also in an image that was made to mislead. The
/// key of slot 0 of a node binds nothing: what bounds its child from below stands higher up.
final class KeyBounds {
    private KeyBounds() {}

    /// Compares the first key of a node with the key of a slot in an interior node above it.
    static int compareFirst(Node below, Node above, int slot) {
        return compare(below, 0, above, slot);
    }

    /// Compares the last key of a node with the key of a slot in an interior node above it.
    static int compareLast(Node below, Node above, int slot) {
        return compare(below, below.itemCount() - 1, above, slot);
    }

    private static int compare(Node below, int belowSlot, Node above, int slot) {
        int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
        byte[] page = above.page();
        return NodePage.compareKey(
                below.page(),
                NodePage.slotPosition(belowSlot, NodePage.slotBytes(below.page())),
                NodePage.inode(page, at),
                NodePage.kind(page, at),
                NodePage.offset(page, at));
    }

    /// What is told when a node breaks them.
    static CorruptException outOfBounds(Node child, long owner) {
        return new CorruptException(
                "node",
                "tree=" + owner + " block=" + NodePage.address(child.page()),
                "its keys leave the bounds that its parents set");
    }
}
