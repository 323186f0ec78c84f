package cowfs.api;

import cowfs.check.SpaceUsageWalk;
import cowfs.file.Timestamp;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.subvol.Subvolume;
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
        boolean readOnly) {
    /// @param origin the name of what it was cloned from, null when there is none
    static SubvolumeInfo of(Subvolume subvolume, @Nullable String origin, Superblock superblock) {
        SubvolumeItem item = subvolume.item();
        return new SubvolumeInfo(
                refOf(subvolume),
                subvolume.treeId(),
                item.uuid(),
                origin == null ? null : refOf(origin),
                item.createdTxg(),
                new Timestamp(item.createdSeconds(), item.createdNanos()),
                SpaceUsageWalk.referencedDataBytes(item)
                        + SpaceUsageWalk.metadataBytes(item, superblock),
                subvolume.isSnapshot());
    }

    static Ref refOf(Subvolume subvolume) {
        return new Ref(
                subvolume.subvolumeName(), subvolume.isSnapshot() ? subvolume.item().name() : null);
    }

    /// A name that the image holds.
    private static Ref refOf(String fullName) {
        int at = fullName.indexOf('@');
        return at < 0
                ? new Ref(fullName, null)
                : new Ref(fullName.substring(0, at), fullName.substring(at + 1));
    }
}
