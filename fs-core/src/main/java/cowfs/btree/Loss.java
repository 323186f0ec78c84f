package cowfs.btree;

import cowfs.format.BlockPointer;
import java.io.IOException;

/// A part of a tree that can't be read: a node of which no copy is good, with all below it.
///
/// @param tree the tree's id
/// @param pointer where the node should be
/// @param level 0 for a leaf
/// @param first the lowest key that can have been in it
/// @param end the lowest key behind it
/// @param why what is wrong with it
public record Loss(
        long tree, BlockPointer pointer, int level, Bound first, Bound end, IOException why) {
    /// A whole tree that can't be found.
    public static Loss ofTree(long tree, IOException why) {
        return new Loss(tree, BlockPointer.NONE, 0, new Bound(0, 0, 0), Bound.END, why);
    }

    /// A key.
    public record Bound(long inode, int kind, long offset) {
        /// Behind all keys.
        public static final Bound END = new Bound(-1, 255, -1);
    }

    /// Takes note of losses.
    @FunctionalInterface
    public interface Listener {
        /// Called each time a reader goes past a loss, on the reader's thread.
        void lost(Loss loss);
    }
}
