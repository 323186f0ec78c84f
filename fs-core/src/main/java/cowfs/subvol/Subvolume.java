package cowfs.subvol;

import cowfs.format.SubvolumeItem;

/// A subvolume or snapshot by its number: what the root tree says about it.
///
/// @param subvolumeName the live subvolume's name, for a snapshot that of the subvolume it is of
public record Subvolume(long treeId, String subvolumeName, SubvolumeItem item) {
    public boolean isSnapshot() {
        return item.isSnapshot();
    }

    /// The name as commands write it: `main` or `main@monday`.
    public String fullName() {
        return isSnapshot() ? subvolumeName + "@" + item.name() : item.name();
    }
}
