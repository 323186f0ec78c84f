package cowfs.dir;

import cowfs.btree.Cursor;
import cowfs.format.DirentItem;

/// Some entries of a directory, copied out of the tree so that they can be handed on off its lock.
/// Not thread safe.
final class DirentBatch {
    private static final int SIZE = 128;

    private final byte[][] names = new byte[SIZE][];
    private final long[] children = new long[SIZE];
    private final int[] types = new int[SIZE];
    private final long[] cookies = new long[SIZE];
    private int size;

    /// Copies the entry that the cursor is at.
    ///
    /// @return false when the batch is full
    boolean add(Cursor c) {
        if (size == SIZE) {
            return false;
        }
        names[size] = DirentItem.name(c.page(), c.position());
        children[size] = DirentItem.CHILD.get(c.page(), c.position());
        types[size] = DirentItem.type(c.page(), c.position());
        cookies[size] = c.offset();
        size++;
        return true;
    }

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    byte[] name(int i) {
        return names[i];
    }

    long child(int i) {
        return children[i];
    }

    int type(int i) {
        return types[i];
    }

    long cookie(int i) {
        return cookies[i];
    }
}
