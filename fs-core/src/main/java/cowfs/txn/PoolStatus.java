package cowfs.txn;

/// How the blocks of a pool are used, in blocks of 4096 bytes.
///
/// @param usedBlockCount allocated in the last durable state
/// @param freeBlockCount what new data can still take
/// @param reservedBlockCount kept back so that deleting always works
public record PoolStatus(
        long blockCount, long usedBlockCount, long freeBlockCount, long reservedBlockCount) {}
