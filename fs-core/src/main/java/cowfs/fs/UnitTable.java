package cowfs.fs;

/// Which content was met first, by its fingerprint: an open hash table of numbers, for up to a
/// million entries in 60 MB. What comes when it is full is not taken in. Not thread safe.
final class UnitTable {
    /// 2^20 units of 128 KiB are 128 GiB of content.
    static final int MAX_UNITS = 1 << 20;

    private static final int FIRST_SLOTS = 1 << 10;

    private long[] fingerprints;
    private long[] inodes;
    private long[] blocks;
    private int[] lengths;
    private int[] trees;
    private int count;

    UnitTable() {
        this(FIRST_SLOTS);
    }

    /// @param slots a power of two
    private UnitTable(int slots) {
        fingerprints = new long[slots];
        inodes = new long[slots];
        blocks = new long[slots];
        lengths = new int[slots];
        trees = new int[slots];
    }

    /// The slot of a fingerprint, or the empty one where it would go.
    int find(long fingerprint) {
        int mask = fingerprints.length - 1;
        int slot = (int) fingerprint & mask;
        while (!isEmpty(slot) && fingerprints[slot] != fingerprint) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    boolean isEmpty(int slot) {
        return lengths[slot] == 0;
    }

    boolean isFull() {
        return count == MAX_UNITS;
    }

    long inode(int slot) {
        return inodes[slot];
    }

    long block(int slot) {
        return blocks[slot];
    }

    int blockCount(int slot) {
        return lengths[slot];
    }

    int tree(int slot) {
        return trees[slot];
    }

    /// Takes an entry in whose fingerprint is not there. Slots that were found before mean nothing
    /// afterwards.
    void add(long fingerprint, int tree, long inode, long block, int blockCount) {
        if (count >= fingerprints.length / 2) {
            grow();
        }
        put(find(fingerprint), fingerprint, tree, inode, block, blockCount);
        count++;
    }

    private void put(int slot, long fingerprint, int tree, long inode, long block, int blockCount) {
        fingerprints[slot] = fingerprint;
        trees[slot] = tree;
        inodes[slot] = inode;
        blocks[slot] = block;
        lengths[slot] = blockCount;
    }

    private void grow() {
        UnitTable larger = new UnitTable(fingerprints.length * 2);
        for (int slot = 0; slot < fingerprints.length; slot++) {
            if (!isEmpty(slot)) {
                long fingerprint = fingerprints[slot];
                larger.put(
                        larger.find(fingerprint),
                        fingerprint,
                        trees[slot],
                        inodes[slot],
                        blocks[slot],
                        lengths[slot]);
            }
        }
        fingerprints = larger.fingerprints;
        inodes = larger.inodes;
        blocks = larger.blocks;
        lengths = larger.lengths;
        trees = larger.trees;
    }
}
