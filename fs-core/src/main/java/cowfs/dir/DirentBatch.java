package cowfs.dir;

import cowfs.btree.Cursor;
import cowfs.format.DirentItem;

/// Some entries of a directory, copied out of the tree so that they can be handed on off its lock.
/// Not thread safe.
public final class DirentBatch {
    private final byte[][] names;
    private final long[] children;
    private final int[] types;
    private final long[] cookies;
    private int size;

    /// @param capacity the most entries that it takes
    public DirentBatch(int capacity) {
        names = new byte[capacity][];
        children = new long[capacity];
        types = new int[capacity];
        cookies = new long[capacity];
    }

    public int capacity() {
        return names.length;
    }

    /// Copies the entry that the cursor is at.
    ///
    /// @return false when the batch is full
    boolean add(Cursor c) {
        if (size == names.length) {
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

    public int size() {
        return size;
    }

    public byte[] name(int i) {
        return names[i];
    }

    public long child(int i) {
        return children[i];
    }

    public int type(int i) {
        return types[i];
    }

    public long cookie(int i) {
        return cookies[i];
    }
}
