package cowfs.check;

import org.jspecify.annotations.Nullable;

/// Keys of a tree whose items can't be read.
///
/// @param to the first key behind it; null for the end of the tree
record KeyRange(Key from, @Nullable Key to) {
    boolean contains(Key key) {
        return key.compareTo(from) >= 0 && (to == null || key.compareTo(to) < 0);
    }

    /// Whether the range may hold items of a kind of an inode.
    boolean touches(long inode, int kind) {
        return (to == null || to.compareTo(new Key(inode, kind, 0)) > 0)
                && from.compareTo(new Key(inode, kind, -1)) <= 0;
    }
}
