package cowfs.txn;

import cowfs.format.Blocks;

/// How the blocks of a pool are used, in blocks of 4096 bytes.
///
/// @param usedBlockCount allocated in the last durable state
/// @param freeBlockCount what new data can still take
/// @param reservedBlockCount kept back so that deleting always works
/// @param metadataCopies how often each node is written
public record PoolStatus(
        long blockCount,
        long usedBlockCount,
        long freeBlockCount,
        long reservedBlockCount,
        int metadataCopies) {
    /// What an empty file with a short name takes in a leaf, its entry and its share of the leaf's
    /// free space included; measured.
    private static final long EMPTY_FILE_BYTES = 256;

    /// About how many empty files fit into the free space. Inodes are made as they are needed, so
    /// that space alone limits them, and any other use of it leaves room for fewer.
    public long freeInodeEstimate() {
        return Blocks.toBytes(freeBlockCount) / (EMPTY_FILE_BYTES * metadataCopies);
    }
}
