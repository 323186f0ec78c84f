package cowfs.txn;

import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.block.OwnedNode;
import cowfs.error.CorruptException;
import cowfs.error.CountText;
import cowfs.format.BlockPointer;
import cowfs.format.Checksum;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.Superblock.Features;
import cowfs.format.Superblock.Run;
import java.io.IOException;
import java.util.List;
import java.util.Map;
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
/// nodes, which frees and allocates blocks, which changes the space tree. {@link PoolTreePlacement}
/// says how that ends: with a *pending list* of frees that the next commit makes.
///
/// **Failure.** Anything that goes wrong after the freeze stops the pool: memory is then ahead of
/// what is on the device, and only a fresh open can tell where it stands.
///
/// One object for one commit, on one thread.
final class Commit {
    private final PoolStore store;
    private final TxgLog log;
    private final List<FileTree.Frozen> trees;
    private final Replay replay;
    private final NodeWriter writer;
    private final NodeAddresses filePlaces;
    private final BlockChanges blocks;
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
        this.blocks = new BlockChanges(store.lastSuperblock());
    }

    long txg() {
        return log.txg();
    }

    /// Runs the commit; on return the transaction group is durable.
    ///
    /// @param wantSealed flush before the superblock whatever the size
    void run(boolean wantSealed) throws IOException {
        store.trees().begin(txg());
        PendingList pending = new PendingList(store.trees().root());
        pending.take(store.nodes().deviceBlocks()).forEach(blocks::freedNodes);
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
        CommittedNode root = new PoolTreePlacement(store, writer, blocks, pending).place();
        writer.write(store.device());
        Superblock superblock = finish(root, wantSealed);
        writer.publish();
        trees.forEach(frozen -> frozen.tree().committed(frozen.root()));
        store.trees().committed();
        store.committed(new CommittedState(superblock, root));
        // only now: who asks for the state after the stamp must not get the one before
        store.deferredFrees().add(txg(), blocks.freed());
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

    /// Notes that the state has something that not every version of the format knows.
    void needs(Features features) {
        log.needs(features);
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
        int ranges = blocks.freed().size() + replay.freedData().size() + replay.freedNodes().size();
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
                            + CountText.of(filePlaces.leftCount(), "node")
                            + " too many");
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
                frozen.inodeCount(),
                item.lineTxg(),
                item.name());
    }

    private void allocateNodes(NodeAddresses places, int count) throws IOException {
        places.allocate(count).forEach(blocks::allocatedNodes);
    }

    private void markSpace() throws IOException {
        log.insertedRanges().forEach(blocks::allocatedData);
        replay.freedData().forEach(blocks::freedData);
        replay.freedNodes().forEach(blocks::freedNodes);
        blocks.mark(store.trees());
    }

    private Superblock finish(CommittedNode root, boolean wantSealed) throws IOException {
        List<Run> runs = wantSealed ? null : runs();
        boolean sealed = runs == null;
        Superblock last = store.lastSuperblock();
        long deviceBlocks = store.nodes().deviceBlocks(); // a step may have changed it
        Superblock superblock =
                (deviceBlocks == last.deviceBlocks() ? last : last.resized(deviceBlocks))
                        .next(
                                txg(),
                                root.pointer(),
                                root.level(),
                                store.nextTreeId(),
                                blocks.dataBlocks(),
                                blocks.metadataBlocks(),
                                runs)
                        .with(log.features());
        if (sealed) {
            store.device().flush();
        } else {
            store.hostSpace().prepare();
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
}
