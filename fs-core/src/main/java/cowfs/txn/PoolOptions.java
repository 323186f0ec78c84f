package cowfs.txn;

import java.time.Duration;

/// How a pool is opened.
///
/// @param readOnly change nothing on the device
/// @param nodeCacheBytes bound on the memory for committed nodes
/// @param commitInterval the longest time that a change stays uncommitted; zero: only on demand
/// @param maxDirtyBytes changed nodes that start a commit
public record PoolOptions(
        boolean readOnly, long nodeCacheBytes, Duration commitInterval, long maxDirtyBytes) {
    public static final long DEFAULT_MAX_DIRTY_BYTES = 32L << 20;
}
