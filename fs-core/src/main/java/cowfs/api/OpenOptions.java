package cowfs.api;

import java.time.Duration;

/// How to open an image.
///
/// @param readOnly take no lock for writing and change nothing
/// @param nodeCacheBytes bound on the memory for unchanged nodes
/// @param commitInterval the longest time that a change stays uncommitted
public record OpenOptions(boolean readOnly, long nodeCacheBytes, Duration commitInterval) {
    public static final long DEFAULT_NODE_CACHE_BYTES = 128L << 20;
    public static final OpenOptions DEFAULTS =
            new OpenOptions(false, DEFAULT_NODE_CACHE_BYTES, Duration.ofSeconds(5));
    public static final OpenOptions READ_ONLY =
            new OpenOptions(true, DEFAULT_NODE_CACHE_BYTES, Duration.ofSeconds(5));
}
