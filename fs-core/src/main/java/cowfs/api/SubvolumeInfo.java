package cowfs.api;

import cowfs.file.Timestamp;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One subvolume or snapshot.
///
/// @param treeId never reused within an image
/// @param origin what a clone was made of, by the name that it has today; null for others and when
///   the origin is gone
/// @param createdTxg the transaction group that made it
/// @param created when it was made
/// @param referencedBytes data and metadata that it reaches, shared or not, as in {@link
///   SpaceUsage}
/// @param readOnly true for snapshots
public record SubvolumeInfo(
        Ref ref,
        long treeId,
        UUID uuid,
        @Nullable Ref origin,
        long createdTxg,
        Timestamp created,
        long referencedBytes,
        boolean readOnly) {}
