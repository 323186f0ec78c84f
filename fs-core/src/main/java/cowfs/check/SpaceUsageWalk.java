package cowfs.check;

import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.util.Collection;

/// What deleting a set of subvolumes and snapshots would free, found without writing anything.
///
/// It does in memory what reclaim would do: takes one reference from each root and, where that was
/// the last one, goes on with the references that the node holds to its children, the blocks of its
/// extents included. The counts that have been lowered are kept in an overlay, so that what two
/// trees of the set share with each other, and with nobody else, counts as freed.
///
/// ```
///        a      b          set {a}: a freed, S counted down to 1, stays
///         \    /           set {a, b}: a, b, then S counted down to 0: freed with all below
///           S
/// ```
///
/// Cost: the nodes that would be freed, and their pointers to what would stay. Memory: a few bytes
/// for each block whose count is lowered, see {@link BlockTable}. Space of trees that were deleted
/// before and not reclaimed yet counts as in use by them. One walk for one set, on one thread.
public final class SpaceUsageWalk {
    private final CountedTrees trees;
    private final BlockTable dropped;
    private long freedDataBlocks;
    private long freedNodes;

    /// What a set of trees would give back.
    ///
    /// @param dataBytes of file content
    /// @param metadataBytes nodes, in all copies
    public record Freed(long dataBytes, long metadataBytes) {
        public long totalBytes() {
            return dataBytes + metadataBytes;
        }
    }

    private SpaceUsageWalk(CountedTrees trees) {
        this.trees = trees;
        this.dropped = new BlockTable(trees.superblock().deviceBlocks());
    }

    /// What deleting exactly these trees would free, in the last durable state of a pool.
    ///
    /// @param treeIds each once
    /// @throws CorruptException also when one of them is not in that state
    public static Freed freedBy(PoolStore store, Collection<Long> treeIds) throws IOException {
        return CountedTrees.read(store, trees -> freedBy(trees, treeIds));
    }

    /// The same in a state that is read.
    public static Freed freedBy(CountedTrees trees, Collection<Long> treeIds) throws IOException {
        return over(trees, treeIds).freed();
    }

    /// Walks a set of trees.
    static SpaceUsageWalk over(CountedTrees trees, Collection<Long> treeIds) throws IOException {
        SpaceUsageWalk walk = new SpaceUsageWalk(trees);
        for (long id : treeIds) {
            walk.drop(trees.subvolume(id));
        }
        return walk;
    }

    /// The bytes of file content that a tree's extents name, shared or not.
    public static long referencedDataBytes(SubvolumeItem item) {
        return Blocks.toBytes(item.referencedBlocks());
    }

    /// The bytes of a tree's nodes in all copies, shared or not.
    public static long metadataBytes(SubvolumeItem item, Superblock superblock) {
        return item.nodeCount() * superblock.nodeBytes() * superblock.metadataCopies();
    }

    private Freed freed() {
        return new Freed(trees.bytes(freedDataBlocks, 0), trees.bytes(0, freedNodes));
    }

    /// Whether the set would free a block that something names which it would free.
    ///
    /// @param references that the block has
    boolean frees(long address, int references) {
        return references == 1 || dropped.get(address) == references;
    }

    private void drop(SubvolumeItem item) throws IOException {
        if (!item.root().isNone()) {
            drop(item.root(), item.rootLevel());
        }
    }

    /// Takes a reference from a node; the recursion is as deep as the tree is high.
    private void drop(BlockPointer pointer, int level) throws IOException {
        int references = trees.references(pointer);
        if (references > 1) {
            int lowered = dropped.get(pointer.address()) + 1;
            dropped.set(pointer.address(), lowered);
            if (lowered < references) {
                return;
            }
        }
        freedNodes++;
        if (freedNodes > trees.maxNodes()) {
            throw new CorruptException(
                    "node",
                    "block=" + pointer.address(),
                    "its tree leads to the same nodes again and again");
        }
        byte[] page = trees.node(pointer, level).page();
        int slotBytes = NodePage.slotBytes(page);
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            if (level > 0) {
                drop(NodePage.pointer(page, at), level - 1);
            } else if (NodePage.kind(page, at) == ItemKind.CONTENT.number()) {
                trees.forEachPiece(page, at, this::dropPiece);
            }
        }
    }

    /// Takes a reference from each block of a range of equal counts.
    private void dropPiece(long address, long blockCount, int count) {
        if (count == 1) {
            freedDataBlocks += blockCount;
            return;
        }
        for (long block = address; block < address + blockCount; block++) {
            int lowered = dropped.get(block) + 1;
            if (lowered == count) {
                freedDataBlocks++;
            }
            dropped.set(block, lowered);
        }
    }
}
