package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.block.OwnedNode;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ItemKind;
import cowfs.format.NodeRefItem;
import cowfs.format.PendingItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.Superblock.Run;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The commit of one transaction group: from frozen trees in memory to a durable superblock.
///
/// ```
///        operations                                 operations of txg n+1
///   ---- txg n open ----|freeze|--------------------------------------------------->
///                              |
///                              | 1 free what n-1 left pending
///                              | 2 replay events: reference counts, freed blocks
///                              | 3 place file trees: addresses, checksums, bottom-up
///                              | 4 root tree: new roots; steps: snapshot, delete, reclaim
///                              | 5 space tree: allocated and freed blocks
///                              | 6 places for the pool's own nodes, until there are enough
///                              | 7 write nodes  8 superblock  9 flush      -> n is durable
/// ```
///
/// **What is never touched.** Every block written here was free in the last durable state and in
/// each state that recovery could still choose, because {@link cowfs.alloc.DeferredFrees} holds
/// freed blocks back until then. So a crash at any point leaves the last durable state whole.
///
/// **One flush.** When little was written since the last flush, the superblock goes out *unsealed*:
/// it lists the runs of blocks, nodes and file data, that it rests on, with their checksums, and
/// one flush makes runs and superblock durable together. Recovery believes it only if the runs
/// verify. Otherwise it is *sealed*: flush, superblock, flush. The superblock of n+1 is never
/// submitted before the flush of n has returned: commits run one after the other under one lock.
///
/// **No tail to chase.** Steps 5 and 6 change the space tree and the root tree, which moves their
/// nodes, which frees and allocates blocks, which changes the space tree. Two things end that. The
/// old places of the pool's own nodes are not freed here: they go to the *pending list* in the root
/// tree, and the next commit frees them. And new places are taken in batches, with a few to spare,
/// until there are as many as changed nodes; marking a batch as allocated mostly changes bitmaps
/// that are changed already, so that this settles in two or three rounds. Places left over join the
/// pending list, whose items have a fixed size, so that filling them in moves nothing.
///
/// **Failure.** Anything that goes wrong after the freeze stops the pool: memory is then ahead of
/// what is on the device, and only a fresh open can tell where it stands.
///
/// One object for one commit, on one thread.
final class Commit {
    private static final int SPARE_PLACES = 2;

    private static final NodeRefItem NO_ROOT = new NodeRefItem(BlockPointer.NONE, 0, 0);

    private final PoolStore store;
    private final TxgLog log;
    private final List<FileTree.Frozen> trees;
    private final Replay replay;
    private final NodeWriter writer;
    private final NodeAddresses filePlaces;
    private final NodeAddresses poolPlaces;
    private final List<Range> allocated = new ArrayList<>();
    private final List<Range> freed = new ArrayList<>();
    private long dataBlocks;
    private long metadataBlocks;
    private long nodesBeforeSteps;
    private long claimed;

    /// @param trees the file trees that changed, as they were at the freeze
    Commit(PoolStore store, TxgLog log, List<FileTree.Frozen> trees) {
        this.store = store;
        this.log = log;
        this.trees = trees;
        this.replay = new Replay(store.nodes(), store.trees().refcounts());
        this.writer = new NodeWriter(store.nodes(), log.txg());
        this.filePlaces = store.newAddresses();
        this.poolPlaces = store.newAddresses();
        Superblock last = store.lastSuperblock();
        this.dataBlocks = last.dataBlocks();
        this.metadataBlocks = last.metadataBlocks();
    }

    long txg() {
        return log.txg();
    }

    /// Runs the commit; on return the transaction group is durable.
    ///
    /// @param wantSealed flush before the superblock whatever the size
    void run(boolean wantSealed) throws IOException {
        store.trees().begin(txg());
        freePending();
        replay.apply(log.events());
        for (FileTree.Frozen frozen : trees) {
            writeTree(frozen);
        }
        nodesBeforeSteps = poolNodes();
        CommitContext context = new CommitContext(store, this, replay);
        for (CommitStep step : log.steps()) {
            step.run(context);
        }
        markSpace();
        CommittedNode root = placePoolTrees();
        writer.write(store.device());
        Superblock superblock = finish(root, wantSealed);
        writer.publish();
        trees.forEach(frozen -> frozen.tree().committed(frozen.root()));
        store.trees().committed();
        store.committed(new CommittedState(superblock, root));
        // only now: who asks for the state after the stamp must not get the one before
        store.deferredFrees().add(txg(), freed);
        store.deferredFrees().durable(txg(), superblock.sealed());
    }

    /// Whether the pool has places for more nodes of its own trees, on top of what the steps have
    /// used so far. They are kept for this commit from now on.
    boolean hasRoomFor(long moreNodes) {
        long missing = poolNodes() - nodesBeforeSteps + moreNodes - claimed;
        if (missing > 0) {
            if (!store.groups().budget().tryClaim(missing, SpaceClaim.DELETING)) {
                // what they kept is there for the next commit
                store.deferredFrees().endPins();
                return false;
            }
            claimed += missing;
        }
        return true;
    }

    /// An upper bound on the nodes that dropping references to so many extents or nodes changes.
    long nodesTouched(int references) {
        return store.groups().budget().refcountBound(references);
    }

    /// The nodes that steps have claimed.
    long claimed() {
        return claimed;
    }

    /// An upper bound on the nodes of the pool's own trees that this commit writes as it stands.
    private long poolNodes() {
        int ranges = freed.size() + replay.freedData().size() + replay.freedNodes().size();
        return store.trees().root().ownedCount()
                + store.trees().refcounts().tree().ownedCount()
                + store.groups().budget().spaceBound(ranges);
    }

    /// Writes a tree that a step makes.
    SubvolumeItem createTree(long treeId, SubvolumeItem item, TreeChange<?> body)
            throws IOException {
        FileTree tree = new FileTree(store, treeId, item.name(), item, null, txg());
        tree.initialise(log, body);
        return placeTree(tree.freeze(), item);
    }

    /// Writes the nodes that have been placed so far, so that a step can read them.
    void writePlaced() throws IOException {
        writer.write(store.device());
    }

    private void freePending() throws IOException {
        BTree rootTree = store.trees().root();
        List<Long> keys = new ArrayList<>();
        Cursor cursor = rootTree.cursor();
        for (boolean more = cursor.seek(0, ItemKind.PENDING.number(), 0);
                more && cursor.inode() == 0 && cursor.kind() == ItemKind.PENDING.number();
                more = cursor.next()) {
            keys.add(cursor.offset());
            PendingItem.forEach(
                    cursor.page(),
                    cursor.position(),
                    cursor.lengthBytes(),
                    store.nodes().deviceBlocks(),
                    "entry=" + cursor.offset(),
                    (address, count) -> {
                        freed.add(new Range(address, count));
                        metadataBlocks -= count;
                    });
        }
        for (long key : keys) {
            rootTree.remove(0, ItemKind.PENDING.number(), key);
        }
    }

    private void writeTree(FileTree.Frozen frozen) throws IOException {
        long id = frozen.tree().id();
        CommitContext context = new CommitContext(store, this, replay);
        SubvolumeItem item = context.lookupSubvolume(id);
        if (item == null) {
            throw new CorruptException(
                    "root tree", "tree=" + id, "a changed subvolume has no item");
        }
        context.putSubvolume(id, placeTree(frozen, item));
    }

    private SubvolumeItem placeTree(FileTree.Frozen frozen, SubvolumeItem item) throws IOException {
        allocateNodes(filePlaces, frozen.ownedCount());
        Node root = frozen.root();
        CommittedNode placed =
                switch (root) {
                    case null -> null;
                    case CommittedNode clean -> clean;
                    case OwnedNode owned -> {
                        CommittedNode done = owned.committed();
                        yield done == null
                                ? writer.place(owned, frozen.tree().id(), filePlaces)
                                : done;
                    }
                };
        if (filePlaces.leftCount() != 0) {
            throw new IllegalStateException(
                    "tree "
                            + frozen.tree().id()
                            + " counted "
                            + filePlaces.leftCount()
                            + " nodes too many");
        }
        return new SubvolumeItem(
                placed == null ? BlockPointer.NONE : placed.pointer(),
                placed == null ? 0 : placed.level(),
                item.uuid(),
                item.parentTree(),
                item.originTree(),
                item.createdTxg(),
                item.createdSeconds(),
                item.createdNanos(),
                item.lastSnapshotTxg(),
                frozen.nextInode(),
                frozen.referencedBlocks(),
                frozen.nodeCount(),
                item.name());
    }

    private void allocateNodes(NodeAddresses places, int count) throws IOException {
        for (Range range : places.allocate(count)) {
            allocated.add(range);
            metadataBlocks += range.blockCount();
        }
    }

    private void markSpace() throws IOException {
        for (Range range : log.insertedRanges()) {
            allocated.add(range);
            dataBlocks += range.blockCount();
        }
        for (Range range : replay.freedData()) {
            freed.add(range);
            dataBlocks -= range.blockCount();
        }
        for (Range range : replay.freedNodes()) {
            freed.add(range);
            metadataBlocks -= range.blockCount();
        }
        for (Range range : freed) {
            store.spaceMap().ensureLoaded(range);
        }
        mark(allocated, true);
        mark(freed, false);
    }

    private void mark(List<Range> ranges, boolean inUse) throws IOException {
        List<Range> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(Range::address));
        store.trees().space().mark(sorted, inUse, store.spaceMap());
    }

    /// Steps 6 and the placing of the pool's own nodes; returns the root of the root tree.
    private CommittedNode placePoolTrees() throws IOException {
        BTree rootTree = store.trees().root();
        BTree refcounts = store.trees().refcounts().tree();
        BTree space = store.trees().space().tree();
        putRoot(TreeId.REFCOUNT);
        putRoot(TreeId.SPACE);
        int items = 0;
        int spare;
        while (true) {
            spare =
                    poolPlaces.leftCount()
                            - rootTree.ownedCount()
                            - refcounts.ownedCount()
                            - space.ownedCount();
            int ranges = 2 * (store.trees().replaced().size() + Math.max(spare, SPARE_PLACES));
            if (items * PendingItem.ENTRIES < ranges) {
                rootTree.put(
                        0, ItemKind.PENDING.number(), items++, new byte[PendingItem.SIZE_BYTES]);
            } else if (spare >= 0) {
                break;
            } else {
                List<Range> more = poolPlaces.allocate(SPARE_PLACES - spare);
                more.forEach(range -> metadataBlocks += range.blockCount());
                mark(more, true);
            }
        }
        // from here on values change and nothing moves
        replaceRoot(TreeId.REFCOUNT, refcounts);
        replaceRoot(TreeId.SPACE, space);
        fillPending(spare);
        CommittedNode root =
                Objects.requireNonNull(
                        place(rootTree, TreeId.ROOT), "the root tree is never empty");
        if (poolPlaces.leftCount() != 0) {
            throw new IllegalStateException(
                    poolPlaces.leftCount() + " places for the pool's own nodes were not used");
        }
        return root;
    }

    /// Makes the item of a root with the size that it will have.
    private void putRoot(long treeId) throws IOException {
        store.trees().root().put(treeId, ItemKind.TREE_ROOT.number(), 0, NO_ROOT.toBytes());
    }

    private void replaceRoot(long treeId, BTree tree) throws IOException {
        CommittedNode root = place(tree, treeId);
        NodeRefItem item =
                root == null
                        ? NO_ROOT
                        : new NodeRefItem(root.pointer(), root.level(), tree.nodeCount());
        store.trees().root().replace(treeId, ItemKind.TREE_ROOT.number(), 0, item.toBytes());
    }

    private @Nullable CommittedNode place(BTree tree, long owner) throws IOException {
        return switch (tree.root()) {
            case null -> null;
            case CommittedNode clean -> clean;
            case OwnedNode owned -> writer.place(owned, owner, poolPlaces);
        };
    }

    /// Writes the pending list: where the pool's nodes lay before, and the places that were not
    /// needed.
    private void fillPending(int spare) throws IOException {
        TreeMap<Long, Integer> pending = new TreeMap<>();
        int nodeBlocks = store.nodes().nodeBlocks();
        for (CommittedNode old : store.trees().replaced()) {
            pending.put(old.pointer().address(), nodeBlocks);
            if (old.pointer().copyAddress() != 0) {
                pending.put(old.pointer().copyAddress(), nodeBlocks);
            }
        }
        for (int i = 0; i < spare; i++) {
            pending.put(poolPlaces.takePrimary(), nodeBlocks);
            long copy = poolPlaces.takeCopy();
            if (copy != 0) {
                pending.put(copy, nodeBlocks);
            }
        }
        int item = 0;
        int entry = 0;
        byte[] bytes = new byte[PendingItem.SIZE_BYTES];
        for (Map.Entry<Long, Integer> range : pending.entrySet()) {
            if (entry == PendingItem.ENTRIES) {
                store.trees().root().replace(0, ItemKind.PENDING.number(), item++, bytes);
                bytes = new byte[PendingItem.SIZE_BYTES];
                entry = 0;
            }
            PendingItem.set(bytes, entry++, range.getKey(), range.getValue());
        }
        store.trees().root().replace(0, ItemKind.PENDING.number(), item, bytes);
    }

    private Superblock finish(CommittedNode root, boolean wantSealed) throws IOException {
        List<Run> runs = wantSealed ? null : runs();
        boolean sealed = runs == null;
        Superblock superblock =
                store.lastSuperblock()
                        .next(
                                txg(),
                                root.pointer(),
                                root.level(),
                                store.nextTreeId(),
                                dataBlocks,
                                metadataBlocks,
                                runs);
        if (sealed) {
            store.device().flush();
        }
        store.ring().write(superblock);
        store.device().flush();
        return superblock;
    }

    /// All that was written since the last flush, or null when that is too much for an unsealed
    /// superblock.
    private @Nullable List<Run> runs() {
        Map<Long, Integer> crcs = log.blockCrcs();
        long nodeBlocks = (long) writer.placedCount() * store.nodes().nodeBlocks();
        if (crcs == null || nodeBlocks + crcs.size() > Superblock.MAX_RUN_BLOCKS) {
            return null;
        }
        List<Run> runs = writer.runs();
        for (Map.Entry<Long, Integer> block : new TreeMap<>(crcs).entrySet()) {
            Run last = runs.isEmpty() ? null : runs.getLast();
            boolean joins =
                    last != null
                            && last.copyAddress() == 0
                            && last.address() + last.blockCount() == block.getKey();
            Run base = joins && last != null ? last : new Run(block.getKey(), 0, 0, 0);
            Run grown =
                    new Run(
                            base.address(),
                            0,
                            base.blockCount() + 1,
                            Checksum.extendRun(base.checksum(), block.getValue()));
            if (joins) {
                runs.set(runs.size() - 1, grown);
            } else {
                runs.add(grown);
            }
        }
        return runs.size() > Superblock.MAX_RUNS ? null : runs;
    }

    @Override
    public String toString() {
        return "commit of txg "
                + txg()
                + ", "
                + Blocks.toBytes(metadataBlocks)
                + " bytes of metadata";
    }
}
