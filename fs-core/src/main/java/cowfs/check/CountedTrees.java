package cowfs.check;

import cowfs.alloc.Refcounts;
import cowfs.block.CommittedNode;
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
import cowfs.subvol.SubvolumeList;
import cowfs.txn.CommittedState;
import cowfs.txn.PoolStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The trees of one durable state, with the references that their blocks have: what the walks that
/// tell where space has gone read.
///
/// Belongs to the epoch in which it was made, and to one thread.
public final class CountedTrees {
    private final NodeStore nodes;
    private final Superblock superblock;
    private final BTree rootTree;
    private final Refcounts refcounts;

    private CountedTrees(NodeStore nodes, Superblock superblock, BTree rootTree)
            throws IOException {
        this.nodes = nodes;
        this.superblock = superblock;
        this.rootTree = rootTree;
        this.refcounts = refcounts(nodes, rootTree, superblock);
    }

    /// Something to be read of a state.
    @FunctionalInterface
    public interface Read<T> {
        T run(CountedTrees trees) throws IOException;
    }

    /// Reads something of the last durable state, in an epoch.
    public static <T> T read(PoolStore store, Read<T> read) throws IOException {
        long epoch = store.epochs().enter();
        try {
            CommittedState state = store.state();
            return read.run(
                    new CountedTrees(store.nodes(), state.superblock(), store.rootTreeOf(state)));
        } finally {
            store.epochs().leave(epoch);
        }
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

    /// All subvolumes and snapshots, without hidden ones.
    public SubvolumeList list() throws IOException {
        return SubvolumeList.of(rootTree);
    }

    public Superblock superblock() {
        return superblock;
    }

    /// @throws CorruptException when there is none
    SubvolumeItem subvolume(long treeId) throws IOException {
        Cursor cursor = rootTree.cursor();
        if (!rootTree.find(cursor, treeId, ItemKind.SUBVOLUME.number(), 0)) {
            throw new CorruptException("root tree", "tree=" + treeId, "the tree has no item");
        }
        return SubvolumeItem.readFrom(
                cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + treeId);
    }

    /// A file tree to be searched.
    BTree files(long treeId, SubvolumeItem item) throws IOException {
        return BTree.reader(nodes, treeId, BTree.readRoot(nodes, item.root(), item.rootLevel()));
    }

    /// The bytes of data blocks and nodes, the latter in all copies.
    long bytes(long dataBlocks, long nodeCount) {
        return Blocks.toBytes(dataBlocks)
                + nodeCount * superblock.nodeBytes() * superblock.metadataCopies();
    }

    /// How many nodes the image can hold: who has met more of one tree goes in circles.
    long maxNodes() {
        return superblock.deviceBlocks() / nodes.nodeBlocks();
    }

    /// The references that a node has.
    ///
    /// @throws CorruptException when the pointer to it leaves the image
    int references(BlockPointer pointer) throws IOException {
        if (!isInside(pointer.address(), nodes.nodeBlocks())) {
            throw new CorruptException(
                    "node", "block=" + pointer.address(), "the pointer to it leaves the image");
        }
        return refcounts.count(pointer.address());
    }

    CommittedNode node(BlockPointer pointer, int level) throws IOException {
        return nodes.read(pointer, level);
    }

    /// Splits the blocks that a content item names into pieces with equal references; none for one
    /// that names no blocks.
    ///
    /// @param slotPosition of a content item in a leaf
    /// @throws CorruptException for one that is not sound
    void forEachPiece(byte[] page, int slotPosition, Refcounts.PieceVisitor visitor)
            throws IOException {
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
            refcounts.forEachPiece(address, count, visitor);
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
}
