package cowfs.block;

import cowfs.format.BlockPointer;
import java.io.IOException;

/// Where a tree gets its committed nodes from.
@FunctionalInterface
public interface NodeSource {
    /// The node that a pointer names.
    ///
    /// @param level the level that the pointer's holder promises
    /// @throws IOException when it can't be had: unreadable, corrupt, or (from {@link CachedNodes})
    ///   not in memory
    CommittedNode read(BlockPointer pointer, int level) throws IOException;
}
