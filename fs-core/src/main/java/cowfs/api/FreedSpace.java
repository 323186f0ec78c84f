package cowfs.api;

/// The space that comes back when a set of subvolumes and snapshots is deleted, in bytes; the
/// pool's own trees are left out.
///
/// @param dataBytes of file content
/// @param metadataBytes of nodes, all copies counted
public record FreedSpace(long dataBytes, long metadataBytes) {
    public long totalBytes() {
        return dataBytes + metadataBytes;
    }
}
