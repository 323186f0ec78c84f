package cowfs.api;

/// The space that one subvolume or snapshot takes. All sizes are in bytes; the pool's own trees are
/// left out.
///
/// @param referencedBytes data and metadata that it reaches, shared or not
/// @param exclusiveBytes what deleting it alone would free
/// @param sharedBytes `referencedBytes` less `exclusiveBytes`
/// @param metadataBytes of `referencedBytes`, the nodes of its tree, all copies counted
public record SpaceUsage(
        Ref ref, long referencedBytes, long exclusiveBytes, long sharedBytes, long metadataBytes) {}
