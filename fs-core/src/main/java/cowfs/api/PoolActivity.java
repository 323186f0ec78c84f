package cowfs.api;

/// What a pool has done since it was opened. Counters only rise; `dirtyBytes` is of now.
///
/// @param commitCount commits that have become durable
/// @param commitNanos the time that they took, together
/// @param longestCommitNanos the longest of them
/// @param longestFreezeNanos the longest time that operations were kept out by one
/// @param cachedNodeReads nodes that were found in the cache
/// @param deviceNodeReads nodes that had to be read
/// @param dirtyBytes a bound on the metadata that is changed and not yet durable
public record PoolActivity(
        long commitCount,
        long commitNanos,
        long longestCommitNanos,
        long longestFreezeNanos,
        long cachedNodeReads,
        long deviceNodeReads,
        long dirtyBytes) {}
