package cowfs.txn;

import cowfs.alloc.DeferredFrees;
import cowfs.alloc.Epochs;
import cowfs.alloc.SpaceMap;
import cowfs.block.CommittedNode;
import cowfs.block.DamageLog;
import cowfs.block.Node;
import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Loss;
import cowfs.device.BlockDevice;
import cowfs.error.ErrorKind;
import cowfs.error.PoolFailedException;
import cowfs.error.RequestException;
import cowfs.format.BlockPointer;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// An open pool: the device, the pool's own trees, the file trees in use, and the way in and out.
///
/// {@link TransactionGroups} turns changes into commits. A failed write or flush stops the pool:
/// from then on it can be read, and every change and every sync fails, until it is opened again.
///
/// Thread safe.
public final class PoolStore implements Closeable {
    /// Stands for the root tree of a pool that is being made.
    private static final CommittedNode NO_ROOT = new CommittedNode(BlockPointer.NONE, new byte[0]);

    private final BlockDevice device;
    private final PoolOptions options;
    private final Loss.@Nullable Listener losses;
    private final NodeStore nodes;
    private final SuperblockRing ring;
    private final CopyRepair repair;
    private final Epochs epochs = new Epochs();
    private final DataStore data;
    private final OpenTrees openTrees = new OpenTrees();
    private final AtomicLong nextTreeId;
    private final PoolTrees trees;
    private final DeferredFrees deferredFrees;
    private final Discards discards;
    private final HostSpace hostSpace;
    private final Resize resize = new Resize(this);
    private final TransactionGroups groups;
    private final FailureLatch latch = new FailureLatch();
    private final String recoveryNote;
    private volatile CommittedState state;
    private volatile boolean closed;
    private volatile @Nullable CommitTimer timer;
    private volatile Runnable afterTick = () -> {};

    /// @param blank whether the pool is being made and has no trees yet
    /// @param losses told of nodes that can't be read and are passed; null where damage is a
    ///   failure
    private PoolStore(
            BlockDevice device,
            PoolOptions options,
            Recovery start,
            boolean blank,
            Loss.@Nullable Listener losses)
            throws IOException {
        Superblock superblock = start.superblock();
        this.device = device;
        this.losses = losses;
        this.options = options;
        this.recoveryNote = start.note();
        this.ring = new SuperblockRing(device);
        this.nodes =
                new NodeStore(
                        device,
                        superblock.uuid(),
                        superblock.nodeBytes(),
                        superblock.deviceBlocks(),
                        options.nodeCacheBytes());
        this.repair = new CopyRepair(this);
        if (!options.readOnly()) {
            nodes.damage().tell(repair);
        }
        this.data = new DataStore(this, device);
        this.nextTreeId = new AtomicLong(superblock.nextTreeId());
        if (blank) {
            this.trees = PoolTrees.blank(nodes, superblock);
            this.state = new CommittedState(superblock, NO_ROOT);
        } else {
            CommittedNode root = nodes.read(superblock.root(), superblock.rootLevel());
            this.trees = PoolTrees.open(nodes, superblock, root, losses);
            this.state = new CommittedState(superblock, root);
        }
        latch.durable(superblock.txg());
        this.deferredFrees = new DeferredFrees(trees.map(), epochs);
        this.discards = new Discards(device, trees.map(), deferredFrees);
        this.hostSpace = new HostSpace(device, trees.map(), deferredFrees);
        this.groups = new TransactionGroups(this, start.lastTxg());
    }

    /// One that is being made, for its first commit.
    ///
    /// @param superblock with no root
    static PoolStore blank(BlockDevice device, Superblock superblock) throws IOException {
        PoolOptions options =
                new PoolOptions(false, 1 << 20, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);
        Recovery start = new Recovery(superblock, 0, "", List.of());
        return new PoolStore(device, options, start, true, null);
    }

    /// Opens a pool in the state that {@link Recovery} chooses.
    public static PoolStore open(BlockDevice device, PoolOptions options) throws IOException {
        Recovery start = Recovery.run(device, options.readOnly());
        PoolStore store = new PoolStore(device, options, start, false, null);
        if (!options.readOnly() && !options.commitInterval().isZero()) {
            store.timer = CommitTimer.start(store, options.commitInterval());
        }
        if (!options.readOnly()) {
            store.repair.begin();
        }
        return store;
    }

    /// Opens a pool for reading what can be read of it: nodes of which no copy is good count as
    /// empty. Without its space tree all of it counts as in use. Nothing is written.
    ///
    /// @param losses told of each such node that is met
    /// @throws cowfs.error.CorruptException when there is no superblock or no root of the root tree
    public static PoolStore openDamaged(
            BlockDevice device, long nodeCacheBytes, Loss.Listener losses) throws IOException {
        PoolOptions options =
                new PoolOptions(
                        true, nodeCacheBytes, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);
        return new PoolStore(device, options, Recovery.run(device, true), false, losses);
    }

    // ---- what the rooms above use

    /// The tree of a subvolume or snapshot, one object for each id.
    ///
    /// @param item what the root tree says about it
    public FileTree tree(long id, String name, SubvolumeItem item) throws IOException {
        FileTree open = openTrees.lookup(id);
        if (open != null) {
            return open;
        }
        Node root = BTree.readRoot(nodes, item.root(), item.rootLevel());
        return openTrees.add(new FileTree(this, id, name, item, root, 0));
    }

    /// The tree with an id if anybody has opened it.
    public @Nullable FileTree lookupOpenTree(long id) {
        return openTrees.lookup(id);
    }

    /// How many trees are in memory.
    public int openTreeCount() {
        return openTrees.count();
    }

    /// Forgets a deleted tree; whoever still holds it gets errors.
    public void forgetTree(long id) {
        FileTree tree = openTrees.remove(id);
        if (tree != null) {
            tree.delete();
        }
    }

    /// Cuts off whoever has a tree open, because its content is to be replaced: every use ends in
    /// `STALE`. Who asks for the tree once that is durable gets another object.
    public void replaceTree(long id) {
        FileTree tree = openTrees.remove(id);
        if (tree != null) {
            tree.replace();
        }
    }

    /// Runs a step in the next commit and waits until that is durable.
    ///
    /// @param itemCount about how many items of the root tree it puts or removes
    /// @throws RequestException `NO_SPACE` before anything happened, or when the step refused; the
    ///   commit went on without it
    public void submit(SpaceClaim claim, int itemCount, CommitStep step) throws IOException {
        submit(claim, itemCount, () -> {}, step);
    }

    /// The same, with something to do once there is room for the step and before it runs.
    public void submit(SpaceClaim claim, int itemCount, Runnable admitted, CommitStep step)
            throws IOException {
        groups.submit(claim, itemCount, admitted, step);
    }

    /// The same for an ordinary step that changes a few items.
    public void submit(CommitStep step) throws IOException {
        submit(SpaceClaim.ORDINARY, 4, step);
    }

    /// Makes durable all that has been changed.
    public void sync() throws IOException {
        groups.sync();
    }

    /// The last durable state. Enter an epoch first, and keep it while nodes are read.
    public CommittedState state() {
        return state;
    }

    /// A reader of the root tree of a committed state.
    public BTree rootTreeOf(CommittedState committed) {
        return BTree.reader(nodes, TreeId.ROOT, committed.rootTree()).tolerant(losses);
    }

    /// Makes durable all that has been changed, and keeps that state readable until the pin is
    /// closed: see {@link Pin}.
    ///
    /// @throws RequestException `BUSY` when there are {@link Pin#MAX_PINS} already
    public Pin pin() throws IOException {
        return Pin.take(this);
    }

    public Epochs epochs() {
        return epochs;
    }

    public NodeStore nodes() {
        return nodes;
    }

    public BlockDevice device() {
        return device;
    }

    /// What was found damaged since the pool was opened.
    public PoolDamage damage() {
        DamageLog.Counts counts = nodes.damage().counts();
        return new PoolDamage(
                counts.repairedCopies(), counts.badCopies(), counts.unreadableBlocks());
    }

    /// Makes damaged superblock slots of both areas good again.
    ///
    /// @return how many slots were written
    public int mendSuperblocks() throws IOException {
        int[] mended = new int[1];
        groups.betweenCommits(
                () -> {
                    requireWritable();
                    mended[0] = ring.mend(lastSuperblock());
                });
        return mended[0];
    }

    /// Gives the pool another size.
    public Resize resize() {
        return resize;
    }

    /// Rewrites bad copies of nodes.
    public CopyRepair repair() {
        return repair;
    }

    public DataStore data() {
        return data;
    }

    /// Who is told of what can't be read; null where damage is a failure.
    Loss.@Nullable Listener losses() {
        return losses;
    }

    public boolean readOnly() {
        return options.readOnly();
    }

    public int copies() {
        return state.superblock().metadataCopies();
    }

    public UUID nameSeed() {
        return state.superblock().nameSeed();
    }

    /// What recovery did when the pool was opened, one line; empty when there was nothing to do.
    public String recoveryNote() {
        return recoveryNote;
    }

    /// Why the pool takes no more changes; null while it does.
    public @Nullable PoolFailedException failure() {
        return latch.failure();
    }

    /// How the pool's blocks are used. One part in 64 of the free blocks is left for the nodes that
    /// will name new data.
    public PoolStatus status() {
        Superblock superblock = state.superblock();
        long used = superblock.dataBlocks() + superblock.metadataBlocks();
        // the reserve shrinks when deleting has to use it
        long reserved = Math.min(trees.map().reservedBlocks(), nodes.deviceBlocks() - used);
        // what pins keep is there for whoever needs it, and they are not
        long free =
                trees.map().dataFreeBlocks()
                        + deferredFrees.waitingDataBlockCount()
                        + deferredFrees.keptDataBlockCount();
        // what the open group has freed is free before the last durable state says so
        long unused = nodes.deviceBlocks() - used - reserved;
        return new PoolStatus(
                nodes.deviceBlocks(), used, Math.min(free - free / 64, unused), reserved, copies());
    }

    /// What has been done since the pool was opened.
    public StoreActivity activity() {
        CommitTimes commits = groups.times();
        return new StoreActivity(
                commits.count(),
                commits.totalNanos(),
                commits.longestNanos(),
                commits.longestFreezeNanos(),
                nodes.cacheHitCount(),
                nodes.deviceReadCount(),
                groups.dirtyNodeCount() * nodes.nodeBytes());
    }

    // ---- what the rest of this room uses

    TransactionGroups groups() {
        return groups;
    }

    PoolOptions options() {
        return options;
    }

    PoolTrees trees() {
        return trees;
    }

    HostSpace hostSpace() {
        return hostSpace;
    }

    SpaceMap spaceMap() {
        return trees.map();
    }

    DeferredFrees deferredFrees() {
        return deferredFrees;
    }

    SuperblockRing ring() {
        return ring;
    }

    Superblock lastSuperblock() {
        return state.superblock();
    }

    long nextTreeId() {
        return nextTreeId.get();
    }

    long takeTreeId() {
        return nextTreeId.getAndIncrement();
    }

    NodeAddresses newAddresses() {
        return new NodeAddresses(trees.map(), nodes.nodeBlocks(), copies());
    }

    FailureLatch latch() {
        return latch;
    }

    /// Lets readers see a state that is durable now.
    void committed(CommittedState durable) {
        state = durable;
        latch.durable(durable.txg());
    }

    /// Whether this thread holds none of the locks that are taken last.
    boolean holdsNoLeaf() {
        return !Thread.holdsLock(trees.map())
                && !Thread.holdsLock(trees.space())
                && !Thread.holdsLock(deferredFrees)
                && !Thread.holdsLock(groups.openLog());
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the pool is closed");
        }
    }

    void requireWritable() throws IOException {
        requireOpen();
        if (options.readOnly()) {
            throw new RequestException(ErrorKind.READ_ONLY, "the image is open for reading only");
        }
        latch.requireSound();
    }

    /// What the timer does: commits what is old enough, returns freed blocks, and gives their space
    /// to the host.
    void tick() throws IOException {
        if (failure() != null || closed) {
            return;
        }
        groups.commitOpen();
        discards.discardUnused(hostSpace.isBusy());
        hostSpace.tick();
        afterTick.run();
    }

    /// Has something done after each commit that the timer makes, when freed space has come back.
    public void eachTick(Runnable action) {
        afterTick = action;
    }

    /// Asks the timer to commit now instead of at its time.
    void hurry() {
        CommitTimer ticking = timer;
        if (ticking != null) {
            ticking.hurry();
        }
    }

    /// Tells the device about blocks that were freed and not used again.
    public void discardUnused() throws IOException {
        discards.discardUnused(false);
    }

    /// Gives the space of all free blocks back to the host.
    ///
    /// @return how many bytes are free so that they could go
    public long discardFree() throws IOException {
        requireWritable();
        return discards.discardFree();
    }

    /// Commits what is left, seals the last state, and stops. Does not close the device. A failed
    /// pool is only stopped.
    @Override
    public void close() throws IOException {
        CommitTimer ticking = timer;
        if (ticking != null) {
            ticking.stop();
        }
        repair.close();
        groups.betweenCommits(
                () -> {
                    try {
                        if (!closed && !options.readOnly() && failure() == null) {
                            groups.commitLast();
                            deferredFrees.durable(Long.MAX_VALUE, true);
                            discardUnused();
                        }
                    } finally {
                        closed = true;
                    }
                });
    }
}
