package cowfs.block;

import cowfs.format.NodePage;

/// One node of a B+tree in memory: its page and nothing decoded from it.
///
/// There are two kinds, and the difference is the heart of copy-on-write. A {@link CommittedNode}
/// is on the device, immutable, and *borrowed*: any number of readers share it without a lock. An
/// {@link OwnedNode} belongs to one transaction group that has not reached the device; it may be
/// changed, under its tree's lock, while that group is open.
public abstract sealed class Node permits CommittedNode, OwnedNode {
    private final byte[] page;

    Node(byte[] page) {
        this.page = page;
    }

    /// The page. Only {@link OwnedNode} changes it.
    @SuppressWarnings("EI_EXPOSE_REP")
    public final byte[] page() {
        return page;
    }

    public final int level() {
        return NodePage.level(page);
    }

    public final boolean isLeaf() {
        return NodePage.level(page) == 0;
    }

    public final int itemCount() {
        return NodePage.itemCount(page);
    }

    /// The last slot whose child may hold the key: the one with the greatest lower bound not above
    /// it. Slot 0 for a key below all.
    public final int childSlot(long inode, int kind, long offset) {
        int slot = NodePage.lowerBound(page, NodePage.INTERIOR_SLOT_BYTES, inode, kind, offset);
        boolean exact =
                slot < itemCount()
                        && NodePage.compareKey(
                                        page,
                                        NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES),
                                        inode,
                                        kind,
                                        offset)
                                == 0;
        return exact || slot == 0 ? slot : slot - 1;
    }
}
