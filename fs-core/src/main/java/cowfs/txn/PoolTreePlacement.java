package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.block.CommittedNode;
import cowfs.block.OwnedNode;
import cowfs.btree.BTree;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.NodeRefItem;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.Comparator;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Gives the changed nodes of the pool's own trees their places, which is the one change that
/// changes what it depends on: a place that is taken is marked in the space tree, which may change
/// one more of its nodes, which wants a place.
///
/// Two things end that. The old places of these nodes are not freed here: they go to the {@link
/// PendingList}, and the next commit frees them. And new places are taken in batches, with a few to
/// spare, until there are as many as changed nodes; marking a batch as allocated mostly changes
/// bitmaps that are changed already, so that this settles in two or three rounds. Places left over
/// join the pending list.
///
/// One object for one commit, on its thread.
final class PoolTreePlacement {
    private static final int SPARE_PLACES = 2;

    private static final NodeRefItem NO_ROOT = new NodeRefItem(BlockPointer.NONE, 0, 0);

    private final PoolTrees trees;
    private final NodeWriter writer;
    private final NodeAddresses places;
    private final BlockChanges blocks;
    private final PendingList pending;
    private final int nodeBlocks;

    /// @param pending emptied by the same commit
    PoolTreePlacement(
            PoolStore store, NodeWriter writer, BlockChanges blocks, PendingList pending) {
        this.trees = store.trees();
        this.writer = writer;
        this.places = store.newAddresses();
        this.blocks = blocks;
        this.pending = pending;
        this.nodeBlocks = store.nodes().nodeBlocks();
    }

    /// Places all three trees. Nothing but their roots' items and the pending list may change
    /// meanwhile or afterwards.
    ///
    /// @return the root of the root tree
    CommittedNode place() throws IOException {
        putRoot(TreeId.REFCOUNT);
        putRoot(TreeId.SPACE);
        int spare = takePlaces();
        // from here on values change and nothing moves
        replaceRoot(TreeId.REFCOUNT, trees.refcounts().tree());
        replaceRoot(TreeId.SPACE, trees.space().tree());
        pending.fill(pendingRanges(spare));
        CommittedNode root =
                Objects.requireNonNull(
                        place(trees.root(), TreeId.ROOT), "the root tree is never empty");
        if (places.leftCount() != 0) {
            throw new IllegalStateException(
                    places.leftCount() + " places for the pool's own nodes were not used");
        }
        return root;
    }

    /// Takes places until there are as many as changed nodes, and room in the pending list.
    ///
    /// @return how many more there are
    private int takePlaces() throws IOException {
        while (true) {
            int spare =
                    places.leftCount()
                            - trees.root().ownedCount()
                            - trees.refcounts().tree().ownedCount()
                            - trees.space().tree().ownedCount();
            int ranges = 2 * (trees.replaced().size() + Math.max(spare, SPARE_PLACES));
            if (pending.hasRoomFor(ranges)) {
                if (spare >= 0) {
                    return spare;
                }
                blocks.markAllocatedNodes(trees, places.allocate(SPARE_PLACES - spare));
            }
        }
    }

    /// Makes the item of a root with the size that it will have.
    private void putRoot(long treeId) throws IOException {
        trees.root().put(treeId, ItemKind.TREE_ROOT.number(), 0, NO_ROOT.toBytes());
    }

    private void replaceRoot(long treeId, BTree tree) throws IOException {
        CommittedNode root = place(tree, treeId);
        NodeRefItem item =
                root == null
                        ? NO_ROOT
                        : new NodeRefItem(root.pointer(), root.level(), tree.nodeCount());
        trees.root().replace(treeId, ItemKind.TREE_ROOT.number(), 0, item.toBytes());
    }

    private @Nullable CommittedNode place(BTree tree, long owner) throws IOException {
        return switch (tree.root()) {
            case null -> null;
            case CommittedNode clean -> clean;
            case OwnedNode owned -> writer.place(owned, owner, places);
        };
    }

    /// Where the pool's nodes lay before, and the places that were not needed, by address.
    private Set<Range> pendingRanges(int spare) {
        Set<Range> ranges = new TreeSet<>(Comparator.comparingLong(Range::address));
        for (CommittedNode old : trees.replaced()) {
            ranges.add(new Range(old.pointer().address(), nodeBlocks));
            if (old.pointer().copyAddress() != 0) {
                ranges.add(new Range(old.pointer().copyAddress(), nodeBlocks));
            }
        }
        ranges.addAll(places.giveUp(spare));
        return ranges;
    }
}
