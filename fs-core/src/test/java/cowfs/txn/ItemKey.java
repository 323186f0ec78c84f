package cowfs.txn;

import java.util.Comparator;

/// The key of an item in a test's model, in the order of the trees: unsigned.
record ItemKey(long inode, int kind, long offset) implements Comparable<ItemKey> {
    private static final Comparator<ItemKey> UNSIGNED =
            Comparator.comparing(ItemKey::inode, Long::compareUnsigned)
                    .thenComparing(ItemKey::kind)
                    .thenComparing(ItemKey::offset, Long::compareUnsigned);

    @Override
    public int compareTo(ItemKey other) {
        return UNSIGNED.compare(this, other);
    }
}
