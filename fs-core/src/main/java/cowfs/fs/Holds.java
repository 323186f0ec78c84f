package cowfs.fs;

/// How often each inode is held, in memory: open files and inodes that a kernel knows. An inode
/// that lost its last name while it was held is marked, so that its last release is noticed without
/// asking the tree.
///
/// A hash table on two arrays of longs, because a mount may hold millions: 16 to 32 bytes an inode.
/// Thread safe.
final class Holds {
    private static final int LEAST_CAPACITY = 64;
    private static final long UNLINKED = 1L << 62;
    private static final long NEVER_LINKED = 1L << 61;
    private static final long COUNT = NEVER_LINKED - 1;

    /// Inode numbers; 0 is a free place.
    private long[] inodes = new long[LEAST_CAPACITY];

    /// The count for each, with {@link #UNLINKED} and {@link #NEVER_LINKED}.
    private long[] counts = new long[LEAST_CAPACITY];

    private int size;

    /// One more hold.
    synchronized void add(long inode) {
        int at = find(inode);
        if (inodes[at] == 0) {
            if (size >= inodes.length / 4 * 3) {
                resize(2 * inodes.length);
                at = find(inode);
            }
            inodes[at] = inode;
            counts[at] = 0;
            size++;
        }
        counts[at]++;
    }

    /// Gives back holds.
    ///
    /// @return whether it was the last one and the inode has no name any more
    /// @throws IllegalStateException when there are not so many
    synchronized boolean remove(long inode, long count) {
        int at = find(inode);
        long held = inodes[at] == 0 ? 0 : counts[at] & COUNT;
        if (count < 1 || count > held) {
            throw new IllegalStateException(
                    "release of " + count + " holds of inode " + inode + ", which has " + held);
        }
        counts[at] -= count;
        if (held > count) {
            return false;
        }
        boolean unlinked = (counts[at] & UNLINKED) != 0;
        free(at);
        if (inodes.length > LEAST_CAPACITY && size < inodes.length / 8) {
            resize(inodes.length / 2);
        }
        return unlinked;
    }

    synchronized boolean isHeld(long inode) {
        return inodes[find(inode)] != 0;
    }

    /// Notes that an inode has lost its last name.
    ///
    /// @return false when nobody holds it
    synchronized boolean markUnlinked(long inode) {
        int at = find(inode);
        if (inodes[at] == 0) {
            return false;
        }
        counts[at] |= UNLINKED;
        return true;
    }

    /// Takes a hold of an inode that was made without a name.
    synchronized void addNeverLinked(long inode) {
        add(inode);
        counts[find(inode)] |= UNLINKED | NEVER_LINKED;
    }

    /// Whether an inode is held that was made without a name and never had one.
    synchronized boolean isNeverLinked(long inode) {
        int at = find(inode);
        return inodes[at] != 0 && (counts[at] & NEVER_LINKED) != 0;
    }

    /// Notes the first name of such an inode.
    synchronized void markLinked(long inode) {
        counts[find(inode)] &= COUNT;
    }

    /// Where an inode is, or the free place where it would go.
    private int find(long inode) {
        int mask = inodes.length - 1;
        int at = place(inode, mask);
        while (inodes[at] != 0 && inodes[at] != inode) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private static int place(long inode, int mask) {
        return (int) ((inode * 0x9e3779b97f4a7c15L) >>> 32) & mask;
    }

    /// Frees a place and moves up what was pushed behind it.
    private void free(int at) {
        int mask = inodes.length - 1;
        int hole = at;
        inodes[hole] = 0;
        size--;
        for (int i = (hole + 1) & mask; inodes[i] != 0; i = (i + 1) & mask) {
            int home = place(inodes[i], mask);
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                inodes[hole] = inodes[i];
                counts[hole] = counts[i];
                inodes[i] = 0;
                hole = i;
            }
        }
    }

    private void resize(int capacity) {
        long[] oldInodes = inodes;
        long[] oldCounts = counts;
        inodes = new long[capacity];
        counts = new long[capacity];
        for (int i = 0; i < oldInodes.length; i++) {
            if (oldInodes[i] != 0) {
                int at = find(oldInodes[i]);
                inodes[at] = oldInodes[i];
                counts[at] = oldCounts[i];
            }
        }
    }
}
