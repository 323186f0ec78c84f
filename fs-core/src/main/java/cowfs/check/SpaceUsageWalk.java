package cowfs.check;

import cowfs.alloc.Refcounts;
import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import cowfs.txn.CommittedState;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

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
    private final NodeStore nodes;
    private final Superblock superblock;
    private final Refcounts refcounts;
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

    private SpaceUsageWalk(NodeStore nodes, Superblock superblock, Refcounts refcounts) {
        this.nodes = nodes;
        this.superblock = superblock;
        this.refcounts = refcounts;
        this.dropped = new BlockTable(superblock.deviceBlocks());
    }

    /// What deleting exactly these trees would free, in the last durable state of a pool.
    ///
    /// @param treeIds each once
    /// @throws CorruptException also when one of them is not in that state
    public static Freed freedBy(PoolStore store, Collection<Long> treeIds) throws IOException {
        long epoch = store.epochs().enter();
        try {
            CommittedState state = store.state();
            BTree rootTree = store.rootTreeOf(state);
            SpaceUsageWalk walk =
                    new SpaceUsageWalk(
                            store.nodes(),
                            state.superblock(),
                            refcounts(store.nodes(), rootTree, state.superblock()));
            for (long id : treeIds) {
                walk.drop(subvolume(rootTree, id));
            }
            return walk.freed();
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// The bytes of file content that a tree's extents name, shared or not.
    public static long referencedDataBytes(SubvolumeItem item) {
        return Blocks.toBytes(item.referencedBlocks());
    }

    /// The bytes of a tree's nodes in all copies, shared or not.
    public static long metadataBytes(SubvolumeItem item, Superblock superblock) {
        return item.nodeCount() * superblock.nodeBytes() * superblock.metadataCopies();
    }

    private static Refcounts refcounts(NodeStore nodes, BTree rootTree, Superblock superblock)
            throws IOException {
        Cursor cursor = rootTree.cursor();
        if (!rootTree.find(cursor, TreeId.REFCOUNT, ItemKind.TREE_ROOT.number(), 0)) {
            throw new CorruptException(
                    "root tree", "tree=" + TreeId.REFCOUNT, "the pool's tree has no root item");
        }
        NodeRefItem item =
                NodeRefItem.readFrom(
                        cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=2");
        return new Refcounts(
                BTree.reader(
                        nodes,
                        TreeId.REFCOUNT,
                        BTree.readRoot(nodes, item.pointer(), item.level())),
                superblock.deviceBlocks());
    }

    private static SubvolumeItem subvolume(BTree rootTree, long id) throws IOException {
        Cursor cursor = rootTree.cursor();
        if (!rootTree.find(cursor, id, ItemKind.SUBVOLUME.number(), 0)) {
            throw new CorruptException("root tree", "tree=" + id, "the tree has no item");
        }
        return SubvolumeItem.readFrom(
                cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + id);
    }

    private Freed freed() {
        return new Freed(
                Blocks.toBytes(freedDataBlocks),
                freedNodes * superblock.nodeBytes() * superblock.metadataCopies());
    }

    private void drop(SubvolumeItem item) throws IOException {
        if (!item.root().isNone()) {
            drop(item.root(), item.rootLevel());
        }
    }

    /// Takes a reference from a node; the recursion is as deep as the tree is high.
    private void drop(BlockPointer pointer, int level) throws IOException {
        if (!isInside(pointer.address(), nodes.nodeBlocks())) {
            throw new CorruptException(
                    "node", "block=" + pointer.address(), "the pointer to it leaves the image");
        }
        int left = refcounts.count(pointer.address()) - dropped.get(pointer.address()) - 1;
        if (left > 0) {
            dropped.set(pointer.address(), dropped.get(pointer.address()) + 1);
            return;
        }
        freedNodes++;
        if (freedNodes > superblock.deviceBlocks() / nodes.nodeBlocks()) {
            throw new CorruptException(
                    "node",
                    "block=" + pointer.address(),
                    "its tree leads to the same nodes again and again");
        }
        byte[] page = nodes.read(pointer, level).page();
        int slotBytes = NodePage.slotBytes(page);
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            if (level > 0) {
                drop(NodePage.pointer(page, at), level - 1);
            } else if (NodePage.kind(page, at) == ItemKind.CONTENT.number()) {
                dropExtent(page, at);
            }
        }
    }

    private void dropExtent(byte[] page, int slotPosition) throws IOException {
        int position = NodePage.valuePosition(page, slotPosition);
        String problem =
                ContentItem.check(page, position, NodePage.valueLength(page, slotPosition));
        long address =
                problem == null && ContentItem.namesBlocks(page, position)
                        ? ContentItem.ADDRESS.get(page, position)
                        : 0;
        int count = address == 0 ? 0 : ContentItem.diskBlocks(page, position);
        if (count > 0 && !isInside(address, count)) {
            problem = "its blocks leave the image";
        }
        requireSound(problem, page, slotPosition);
        if (count > 0) {
            refcounts.forEachPiece(address, count, this::dropPiece);
        }
    }

    private boolean isInside(long address, int blockCount) {
        return address > 0 && address <= superblock.deviceBlocks() - blockCount;
    }

    private static void requireSound(@Nullable String problem, byte[] page, int slotPosition)
            throws CorruptException {
        if (problem != null) {
            throw new CorruptException(
                    "content item",
                    "block=" + NodePage.address(page) + " key=" + Key.at(page, slotPosition),
                    problem);
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
