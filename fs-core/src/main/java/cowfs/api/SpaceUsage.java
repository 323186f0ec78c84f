package cowfs.api;

import org.jspecify.annotations.Nullable;

/// The space that one subvolume or snapshot takes. All sizes are in bytes; the pool's own trees are
/// left out.
///
/// @param referencedBytes data and metadata that it reaches, shared or not
/// @param exclusiveBytes what deleting it alone would free
/// @param sharedBytes `referencedBytes` less `exclusiveBytes`
/// @param metadataBytes of `referencedBytes`, the nodes of its tree, all copies counted
/// @param cowBytes of `referencedBytes`, what no subvolume reaches any more: replaced or removed
///   since, and kept because of this snapshot and others that have it too. 0 for a subvolume; null
///   when damage to another snapshot keeps it from being known
public record SpaceUsage(
        Ref ref,
        long referencedBytes,
        long exclusiveBytes,
        long sharedBytes,
        long metadataBytes,
        @Nullable Long cowBytes) {}
