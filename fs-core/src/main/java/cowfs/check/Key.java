package cowfs.check;

import cowfs.format.ItemKind;
import cowfs.format.NodePage;

/// The key of an item, in unsigned order.
record Key(long inode, int kind, long offset) implements Comparable<Key> {
    /// The lowest key of all.
    static final Key MIN = new Key(0, 0, 0);

    /// The key of a leaf or interior slot.
    static Key at(byte[] page, int slotPosition) {
        return new Key(
                NodePage.inode(page, slotPosition),
                NodePage.kind(page, slotPosition),
                NodePage.offset(page, slotPosition));
    }

    @Override
    public int compareTo(Key other) {
        int order = Long.compareUnsigned(inode, other.inode);
        if (order == 0) {
            order = Integer.compare(kind, other.kind);
        }
        return order == 0 ? Long.compareUnsigned(offset, other.offset) : order;
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(inode)
                + "/"
                + ItemKind.nameOf(kind)
                + "/"
                + Long.toUnsignedString(offset);
    }
}
