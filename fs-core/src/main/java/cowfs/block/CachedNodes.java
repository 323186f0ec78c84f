package cowfs.block;

import cowfs.format.BlockPointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The nodes of one operation that runs under a lock: from memory, so that nobody waits for the
/// device behind that lock.
///
/// ```
///   lock -> run -> a node is not in memory -> undo, unlock -> load it -> lock -> run again ...
/// ```
///
/// What was loaded stays at hand until the operation ends, whatever the cache does meanwhile. So
/// each turn gets at least one node further, unless others change the tree in between; and after
/// {@link #MAX_LOADS} turns what is still missing is read under the lock, so that every operation
/// ends.
///
/// The caller is inside a reader epoch from before a pointer is resolved until the node is loaded.
/// Not thread safe.
public final class CachedNodes implements NodeSource {
    /// Nodes that one operation loads off its lock: more than the path and the neighbours of all
    /// items that it should touch.
    static final int MAX_LOADS = 128;

    private final NodeStore store;
    private @Nullable List<CommittedNode> loaded;

    public CachedNodes(NodeStore store) {
        this.store = store;
    }

    /// @throws NodeNotCachedException when the node has to be loaded first
    @Override
    public CommittedNode read(BlockPointer pointer, int level) throws IOException {
        CommittedNode cached = store.lookupCached(pointer, level);
        if (cached != null) {
            return cached;
        }
        List<CommittedNode> own = loaded;
        if (own != null) {
            for (CommittedNode node : own) {
                if (NodeStore.matches(node, pointer, level)) {
                    return node;
                }
            }
            if (own.size() >= MAX_LOADS) {
                return store.read(pointer, level);
            }
        }
        throw new NodeNotCachedException(pointer, level);
    }

    /// Reads the node that was missing, verified, under no lock.
    public void load(NodeNotCachedException missing) throws IOException {
        if (loaded == null) {
            loaded = new ArrayList<>();
        }
        loaded.add(store.read(missing.pointer(), missing.level()));
    }
}
