package cowfs.api;

import java.util.UUID;

/// The state of a pool. All sizes are in bytes.
///
/// @param sizeBytes size of the image
/// @param usedBytes allocated in the last committed state, with all metadata
/// @param freeBytes what new data can still take
/// @param reservedBytes kept back so that deleting always works
/// @param nodeSizeBytes size of a B-tree node
/// @param metadataCopies 1 or 2
/// @param txg last durable transaction group
/// @param subvolumeCount live subvolumes
/// @param snapshotCount snapshots
/// @param reclaimingCount deleted trees whose space is still coming back
/// @param dataBytes of `usedBytes`, file data
/// @param metadataBytes of `usedBytes`, nodes and superblocks
/// @param failure why the pool takes no more changes, or an empty string
public record PoolInfo(
        UUID uuid,
        String label,
        int formatVersion,
        long sizeBytes,
        long usedBytes,
        long freeBytes,
        long reservedBytes,
        long dataBytes,
        long metadataBytes,
        int blockSizeBytes,
        int nodeSizeBytes,
        int metadataCopies,
        long txg,
        int subvolumeCount,
        int snapshotCount,
        int reclaimingCount,
        String failure,
        String recoveryNote) {}
