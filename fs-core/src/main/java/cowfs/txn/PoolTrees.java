package cowfs.txn;

import cowfs.alloc.Refcounts;
import cowfs.alloc.SpaceMap;
import cowfs.alloc.SpaceTree;
import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.btree.Loss;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.GroupItem.Use;
import cowfs.format.ItemKind;
import cowfs.format.NodeRefItem;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The pool's own trees, which belong to no subvolume: the root tree, which names all others, the
/// refcount tree, and the space tree with the space map over it.
///
/// Only commits change them, one after the other under the commit lock, so they have no locks of
/// their own but that of the space tree, which the allocator reads at any time. They are never
/// shared: a node that a commit changes moves, and its old place is noted here until the commit has
/// put it on the pending list.
final class PoolTrees {
    private final NodeStore nodes;
    private final BTree root;
    private final Refcounts refcounts;
    private final SpaceTree space;
    private final SpaceMap map;
    private final Loss.@Nullable Listener losses;
    private final List<CommittedNode> replaced = new ArrayList<>();

    /// @param rootNode null for a pool that is being made: nothing is in use but the superblocks
    /// @param losses told of what can't be read, and counts as empty; null where that is a failure
    private PoolTrees(
            NodeStore nodes,
            Superblock superblock,
            @Nullable CommittedNode rootNode,
            Loss.@Nullable Listener losses)
            throws IOException {
        this.nodes = nodes;
        this.losses = losses;
        long deviceBlocks = superblock.deviceBlocks();
        boolean blank = rootNode == null;
        root = tree(TreeId.ROOT, rootNode, 0);
        refcounts = new Refcounts(tree(TreeId.REFCOUNT, blank), deviceBlocks);
        space = new SpaceTree(tree(TreeId.SPACE, blank), deviceBlocks);
        int[] free = SpaceMap.allFree(deviceBlocks);
        Use[] use = new Use[free.length];
        loadSummaries(free, use);
        if (blank) {
            reserveSuperblocks(superblock, free, use);
        }
        int reserved =
                SpaceBudget.reservedGroups(
                        deviceBlocks, nodes.nodeBlocks(), superblock.metadataCopies());
        map = new SpaceMap(deviceBlocks, free, use, reserved, space::load);
    }

    /// Those of a pool that exists.
    ///
    /// @param root what the superblock points to
    /// @param losses null where damage is a failure
    static PoolTrees open(
            NodeStore nodes,
            Superblock superblock,
            CommittedNode root,
            Loss.@Nullable Listener losses)
            throws IOException {
        return new PoolTrees(nodes, superblock, root, losses);
    }

    /// Those of a pool that is being made, for its first commit.
    static PoolTrees blank(NodeStore nodes, Superblock superblock) throws IOException {
        return new PoolTrees(nodes, superblock, null, null);
    }

    private static void reserveSuperblocks(Superblock superblock, int[] free, Use[] use) {
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            int group = (int) (superblock.areaStart(area) >>> Blocks.GROUP_SHIFT);
            free[group] -= SuperblockArea.SLOTS;
            use[group] = Use.METADATA;
        }
    }

    private BTree tree(long id, boolean blank) throws IOException {
        if (blank) {
            return tree(id, null, 0);
        }
        try {
            NodeRefItem item = item(root, id);
            Node top = BTree.readRoot(nodes, item.pointer(), item.level());
            return tree(id, top, item.nodeCount());
        } catch (CorruptException damaged) {
            if (losses == null) {
                throw damaged;
            }
            losses.lost(Loss.ofTree(id, damaged));
            return tree(id, null, 0);
        }
    }

    private BTree tree(long id, @Nullable Node top, long nodeCount) {
        return losses == null
                ? BTree.writer(nodes, id, top, nodeCount, 0, this::moved)
                : BTree.reader(nodes, id, top).tolerant(losses);
    }

    private void loadSummaries(int[] free, Use[] use) throws IOException {
        try {
            space.loadSummaries(free, use);
        } catch (CorruptException damaged) {
            if (losses == null) {
                throw damaged;
            }
            Arrays.fill(free, 0);
            Arrays.fill(use, Use.DATA);
        }
    }

    private static NodeRefItem item(BTree rootTree, long id) throws IOException {
        Cursor cursor = rootTree.cursor();
        if (!rootTree.find(cursor, id, ItemKind.TREE_ROOT.number(), 0)) {
            throw new CorruptException(
                    "root tree", "tree=" + id, "the pool's tree has no root item");
        }
        return NodeRefItem.readFrom(
                cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + id);
    }

    /// A reader of the space tree of a committed state.
    static SpaceTree spaceOf(NodeStore nodes, CommittedState committed) throws IOException {
        BTree rootTree = BTree.reader(nodes, TreeId.ROOT, committed.rootTree());
        NodeRefItem item = item(rootTree, TreeId.SPACE);
        Node top = BTree.readRoot(nodes, item.pointer(), item.level());
        return new SpaceTree(
                BTree.reader(nodes, TreeId.SPACE, top), committed.superblock().deviceBlocks());
    }

    private void moved(Node old) {
        replaced.add(
                old instanceof OwnedNode frozen
                        ? Objects.requireNonNull(frozen.committed())
                        : (CommittedNode) old);
    }

    BTree root() {
        return root;
    }

    Refcounts refcounts() {
        return refcounts;
    }

    SpaceTree space() {
        return space;
    }

    SpaceMap map() {
        return map;
    }

    /// The committed nodes that the commit which is running has replaced.
    List<CommittedNode> replaced() {
        return replaced;
    }

    /// Lets the commit of a group change the trees.
    void begin(long txg) {
        replaced.clear();
        root.beginTxg(txg);
        refcounts.tree().beginTxg(txg);
        space.tree().beginTxg(txg);
    }

    /// Gives the image another size, with the commit that is running.
    ///
    /// @throws cowfs.error.RequestException `NO_SPACE` when what is to go is in use; nothing is
    ///   changed then
    void resize(long deviceBlocks, int copies) throws IOException {
        int reserved = SpaceBudget.reservedGroups(deviceBlocks, nodes.nodeBlocks(), copies);
        map.resize(deviceBlocks, reserved);
        space.resize(deviceBlocks, map);
        refcounts.resize(deviceBlocks);
        nodes.resize(deviceBlocks);
    }

    /// Takes note that the commit has written what it changed.
    void committed() {
        for (BTree tree : List.of(root, refcounts.tree())) {
            if (tree.root() instanceof OwnedNode frozen) {
                tree.committed(frozen);
            }
        }
        space.committed();
    }
}
