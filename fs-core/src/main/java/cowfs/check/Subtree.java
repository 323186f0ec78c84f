package cowfs.check;

import cowfs.format.BlockPointer;
import org.jspecify.annotations.Nullable;

/// What the walk of one node and all below it came to.
///
/// @param lowest the lowest key in it, separators included; null when it holds none
/// @param highest the highest key in it
/// @param summary of its items in a file tree; empty in the pool's own trees
record Subtree(
        BlockPointer pointer,
        int level,
        @Nullable Key lowest,
        @Nullable Key highest,
        FileSummary summary) {
    /// A subtree that can't be read.
    static Subtree lost(BlockPointer pointer, int level) {
        FileSummary summary = new FileSummary();
        summary.appendLost();
        return new Subtree(pointer, level, null, null, summary);
    }

    /// Whether all keys lie in the bounds that a parent sets.
    ///
    /// @param upper the first key that is too high, or null when there is none
    boolean isWithin(Key lower, @Nullable Key upper) {
        return lowest == null
                || highest == null
                || (lowest.compareTo(lower) >= 0
                        && (upper == null || highest.compareTo(upper) < 0));
    }
}
