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
/// @param repairedCopyCount copies of metadata nodes that were repaired since the image was opened
/// @param badCopyCount copies found bad since then and not repaired
/// @param unreadableBlockCount blocks found unreadable since then that have no good copy
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
        long repairedCopyCount,
        long badCopyCount,
        long unreadableBlockCount,
        String failure,
        String recoveryNote) {
    /// What is free for metadata alone: in groups that hold metadata, and one part in 64 of the
    /// free space for the nodes that will name new data. It is what `sizeBytes` is more than
    /// `usedBytes`, `freeBytes` and `reservedBytes` together.
    public long metadataFreeBytes() {
        return sizeBytes - usedBytes - freeBytes - reservedBytes;
    }
}
