package cowfs.txn;

import cowfs.alloc.SpaceMap;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Blocks;
import java.io.IOException;

/// Decides, before an operation or a commit step starts, whether its commit can be paid for in
/// nodes; so that no commit ever fails for space.
///
/// ```
///   free places for nodes  >=  copies x ( group being written: bound of what it noted
///                                       + open group: bound of what it has noted
///                                       + claims of operations and steps that
///                                         have not noted theirs )
///                              + what the kind of operation must leave, see SpaceClaim
/// ```
///
/// What a commit may cost is bounded from what its operations have noted: each changed node is
/// written in all copies; each note that touches a reference count may copy a leaf of the refcount
/// tree, though never more leaves than there are and than its new records fill; each run of
/// allocated or freed blocks likewise in the space tree; each changed file tree and each item of a
/// step may copy a leaf of the root tree. While an operation runs, its share is a *claim*; so any
/// number of operations at once cannot promise the same place twice. A claim does not cover what
/// copying *shared* nodes adds to the refcount tree, since it is not known before: that is noted at
/// once, so it is at most the paths of the operations that run, and the floors are there for it.
///
/// Steps whose cost depends on what they find, those of reclaim, claim more as they go and stop
/// when there is none: {@link Commit#hasRoomFor}.
///
/// Thread safe.
final class SpaceBudget {
    /// Items of 33 bytes (slot and record) in a half-full node.
    private static final int RECORD_BYTES = 2 * 33;

    /// A bitmap with its slot in a half-full node.
    private static final int BITMAP_BYTES = 2 * 149;

    /// Nodes that the pool's trees may grow by at their tops, and places that a commit takes to
    /// spare.
    private static final int SPARE_NODES = 8;

    /// The most that an item takes of which an operation changes more than a few: these are
    /// neighbours, so that they share leaves.
    private static final int MANY_ITEM_BYTES = 1024;

    /// Places that the reserve must have for each copy, so that an operation that gives space back
    /// is admitted when nothing else is left.
    private static final int LEAST_PLACES = 128;

    private final PoolStore store;
    private long claimed;

    SpaceBudget(PoolStore store) {
        this.store = store;
    }

    /// Claims nodes for an operation, after trying to get freed places back.
    ///
    /// @param shareCount reference counts that it raises, beyond those that its items stand for
    /// @return how many; {@link #release} takes them when the operation has noted what it cost
    /// @throws RequestException `NO_SPACE` for one that the pool could not commit
    long claim(int itemCount, int shareCount, int treeHeight, SpaceClaim kind) throws IOException {
        long nodes =
                (long) Math.min(itemCount, 8) * (treeHeight + 2)
                        + (long) itemCount * MANY_ITEM_BYTES / store.nodes().nodeBytes()
                        + 2L * treeHeight;
        if (shareCount > 0) {
            nodes += refcountBound(shareCount);
        }
        for (int attempt = 0; !tryClaim(nodes, kind); attempt++) {
            if (attempt == 2 || !store.groups().forceFreesBack()) {
                if (!store.groups().endPins()) {
                    throw new RequestException(
                            ErrorKind.NO_SPACE,
                            "no space left for metadata in the image: delete snapshots or files, or make it larger");
                }
                attempt = -1;
            }
        }
        return nodes;
    }

    /// Whether a commit of what is promised so far, and of nothing else, finds its places. A commit
    /// that only brings freed places back must ask: while a reader keeps those from being released,
    /// one such commit after another would use up what the next real one needs.
    synchronized boolean hasRoomForPromised() {
        long places = store.spaceMap().metadataFreeBlocks() / store.nodes().nodeBlocks();
        return places >= store.copies() * (claimed + store.groups().dirtyNodeBound());
    }

    /// Claims nodes if there are enough places now.
    synchronized boolean tryClaim(long nodes, SpaceClaim kind) {
        SpaceMap map = store.spaceMap();
        int nodeBlocks = store.nodes().nodeBlocks();
        int copies = store.copies();
        long places = map.metadataFreeBlocks() / nodeBlocks;
        long floor = kind.floor(map.reservedBlocks() / nodeBlocks, copies);
        long promised = claimed + nodes + store.groups().dirtyNodeBound();
        if (places < copies * promised + floor) {
            return false;
        }
        claimed += nodes;
        return true;
    }

    synchronized void release(long nodes) {
        claimed -= nodes;
        if (claimed < 0) {
            throw new IllegalStateException("more nodes were given back than claimed");
        }
    }

    /// Groups that only nodes may take.
    static int reservedGroups(long deviceBlocks, int nodeBlocks, int copies) {
        int least = Math.ceilDiv(copies * nodeBlocks * LEAST_PLACES, Blocks.PER_GROUP);
        return Math.max(least, SpaceMap.reservedGroups(deviceBlocks));
    }

    /// An upper bound on the nodes that the commit of a group writes.
    ///
    /// @param changedNodes nodes of file trees
    /// @param rootItems items of the root tree
    /// @param touches reference counts that it may change
    /// @param ranges runs of blocks that it allocates or frees, those of nodes not counted
    long nodeBound(long changedNodes, long rootItems, long touches, long ranges) {
        long refcountBound = refcountBound(touches);
        long rootBound = rootItems + store.trees().root().height() + 1;
        return changedNodes
                + rootBound
                + refcountBound
                + spaceBound(ranges + 2 * changedNodes + 2 * refcountBound)
                + SPARE_NODES;
    }

    /// An upper bound on the nodes of the refcount tree that so many changed counts change or make.
    long refcountBound(long touches) {
        return Math.min(2 * touches, store.trees().refcounts().tree().nodeCount())
                + touches * 2 * RECORD_BYTES / store.nodes().nodeBytes()
                + 1;
    }

    /// An upper bound on the nodes of the space tree that a commit writes.
    long spaceBound(long ranges) {
        long spaceNodes = store.trees().space().tree().nodeCount();
        long newGroups =
                Math.min(
                        ranges, (store.spaceMap().metadataFreeBlocks() >>> Blocks.GROUP_SHIFT) + 1);
        return Math.min(2 * ranges, spaceNodes)
                + newGroups * BITMAP_BYTES / store.nodes().nodeBytes()
                + 1;
    }
}
