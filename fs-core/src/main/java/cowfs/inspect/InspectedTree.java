package cowfs.inspect;

import cowfs.format.BlockPointer;
import cowfs.format.SubvolumeItem;
import cowfs.format.TreeId;
import org.jspecify.annotations.Nullable;

/// A tree of an image, or a part that is left of a deleted one.
///
/// @param item of a subvolume or snapshot, else null
record InspectedTree(
        long id,
        String name,
        BlockPointer root,
        int level,
        @Nullable SubvolumeItem item,
        boolean isReclaimed) {
    boolean holdsFiles() {
        return id >= TreeId.FIRST_SUBVOLUME;
    }
}
