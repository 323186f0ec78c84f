package cowfs.txn;

/// The size of a pool and what new data can still take, in blocks of 4096 bytes.
public record PoolStatus(long blockCount, long freeBlockCount) {}
