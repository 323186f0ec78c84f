package cowfs.stream;

import cowfs.format.BlockPointer;
import cowfs.format.SubvolumeItem;

/// Where a committed tree begins.
///
/// @param pointer of its root; {@link BlockPointer#NONE} for an empty tree
/// @param level of its root; 0 for an empty tree
public record TreeRoot(BlockPointer pointer, int level) {
    /// A tree without items.
    public static final TreeRoot EMPTY = new TreeRoot(BlockPointer.NONE, 0);

    /// The file tree of a subvolume or snapshot.
    public static TreeRoot of(SubvolumeItem item) {
        return new TreeRoot(item.root(), item.rootLevel());
    }

    public boolean isEmpty() {
        return pointer.isNone();
    }
}
