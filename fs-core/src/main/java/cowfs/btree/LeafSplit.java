package cowfs.btree;

import cowfs.format.NodePage;

/// Where a full leaf is divided to make room for one more item.
///
/// @param firstMoved first slot that moves to the new right leaf; the item count when none does
/// @param insertRight whether the new item goes to the right leaf
record LeafSplit(int firstMoved, boolean insertRight) {

    /// Chooses the division.
    ///
    /// Files and directories mostly grow at the end of their key range. An item after all others
    /// starts a new leaf and leaves the old one full; an item at the end of its inode's items, with
    /// other inodes behind it, moves those away and leaves the rest full. Anything else divides the
    /// bytes evenly.
    ///
    /// @param slot where the item would be inserted
    static LeafSplit choose(byte[] page, int slot, long inode, int lengthBytes) {
        int count = NodePage.itemCount(page);
        int capacity = page.length - NodePage.HEADER_BYTES;
        int need = NodePage.LEAF_SLOT_BYTES + lengthBytes;
        if (slot == count) {
            return new LeafSplit(count, true);
        }
        int before = 0;
        for (int i = 0; i < slot; i++) {
            before += itemBytes(page, i);
        }
        boolean endOfInode =
                slot > 0 && inodeAt(page, slot - 1) == inode && inodeAt(page, slot) != inode;
        if (endOfInode && before + need <= capacity) {
            return new LeafSplit(slot, false);
        }
        return even(page, slot, need);
    }

    private static LeafSplit even(byte[] page, int slot, int need) {
        int count = NodePage.itemCount(page);
        int total = need;
        for (int i = 0; i < count; i++) {
            total += itemBytes(page, i);
        }
        LeafSplit best = new LeafSplit(0, false);
        int bestLarger = Integer.MAX_VALUE;
        int left = 0;
        for (int firstMoved = 0; firstMoved <= count; firstMoved++) {
            for (int side = 0; side < 2; side++) {
                boolean insertRight = side == 1;
                boolean possible = insertRight ? slot >= firstMoved : slot <= firstMoved;
                int leftBytes = left + (insertRight ? 0 : need);
                int larger = Math.max(leftBytes, total - leftBytes);
                boolean bothFilled = leftBytes > 0 && leftBytes < total;
                if (possible && bothFilled && larger < bestLarger) {
                    best = new LeafSplit(firstMoved, insertRight);
                    bestLarger = larger;
                }
            }
            if (firstMoved < count) {
                left += itemBytes(page, firstMoved);
            }
        }
        return best;
    }

    private static long inodeAt(byte[] page, int slot) {
        return NodePage.inode(page, NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES));
    }

    private static int itemBytes(byte[] page, int slot) {
        return NodePage.LEAF_SLOT_BYTES
                + NodePage.valueLength(page, NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES));
    }
}
