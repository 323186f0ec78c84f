package cowfs.txn;

import cowfs.alloc.SpaceMap;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;

/// Decides, before an operation starts, whether its commit can be paid for in nodes; so that no
/// commit ever fails for space.
///
/// What a commit may cost is bounded from what its operations have noted: each changed node is
/// written in all copies; each note that touches a reference count may copy a leaf of the refcount
/// tree, though never more leaves than there are and than its new records fill; each run of
/// allocated or freed blocks likewise in the space tree. An operation is admitted when the unused
/// places for nodes cover that bound for the group that is being written and the open one, the
/// operation's own share, and a floor: half of the reserved groups for ordinary operations, a
/// quarter for those that give space back; the rest belongs to reclaim and to the commit itself.
///
/// Stateless between calls; thread safe.
final class SpaceBudget {
    /// Items of 33 bytes (slot and record) in a half-full node.
    private static final int RECORD_BYTES = 2 * 33;

    private final PoolStore store;

    SpaceBudget(PoolStore store) {
        this.store = store;
    }

    /// Refuses an operation that the pool could not commit, after trying to get freed places back.
    ///
    /// @param shareCount reference counts that it raises, beyond those that its items stand for
    void admit(int itemCount, int shareCount, int treeHeight, boolean freeing) throws IOException {
        for (int attempt = 0; !fits(itemCount, shareCount, treeHeight, freeing); attempt++) {
            if (attempt == 2 || !store.groups().forceFreesBack()) {
                throw new RequestException(
                        ErrorKind.NO_SPACE,
                        "no space left for metadata in the image: delete snapshots or files, or make it larger");
            }
        }
    }

    private boolean fits(int itemCount, int shareCount, int treeHeight, boolean freeing) {
        SpaceMap map = store.spaceMap();
        int nodeBlocks = store.nodes().nodeBlocks();
        long places = map.metadataFreeBlocks() / nodeBlocks;
        long floor = map.reservedBlocks() / nodeBlocks / (freeing ? 4 : 2);
        long own =
                (long) Math.min(itemCount, 8) * (treeHeight + 2) + itemCount / 4 + 2L * treeHeight;
        if (shareCount > 0) {
            own += refcountNodes(store, shareCount);
        }
        return places >= store.copies() * (own + store.groups().dirtyNodeBound()) + floor;
    }

    /// An upper bound on the nodes that the commit of a group writes.
    ///
    /// @param changedNodes nodes of file trees
    /// @param touches reference counts that it may change
    /// @param ranges runs of blocks that it allocates or frees
    static long nodeBound(PoolStore store, long changedNodes, long touches, long ranges) {
        long spaceNodes = store.spaceTree().tree().nodeCount();
        long refcountBound = refcountNodes(store, touches) + 4;
        long spaceBound = Math.min(2 * (ranges + changedNodes), spaceNodes) + 4;
        return changedNodes + refcountBound + spaceBound + 16;
    }

    /// The most nodes of the refcount tree that so many changed counts take.
    private static long refcountNodes(PoolStore store, long touches) {
        int nodeBytes = store.nodes().nodeBytes();
        return Math.min(2 * touches, store.refcounts().tree().nodeCount())
                + touches * 2 * RECORD_BYTES / nodeBytes
                + 1;
    }
}
