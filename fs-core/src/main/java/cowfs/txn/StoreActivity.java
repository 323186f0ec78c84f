package cowfs.txn;

/// What a pool's store has done since it was opened.
///
/// @param commitCount commits that have become durable
/// @param commitNanos the time that they took, together
/// @param longestCommitNanos the longest of them
/// @param longestFreezeNanos the longest time that operations were kept out by one
/// @param cachedNodeReads nodes that were found in the cache
/// @param deviceNodeReads nodes that had to be read
/// @param dirtyBytes of the changed nodes that are not durable yet
public record StoreActivity(
        long commitCount,
        long commitNanos,
        long longestCommitNanos,
        long longestFreezeNanos,
        long cachedNodeReads,
        long deviceNodeReads,
        long dirtyBytes) {}
