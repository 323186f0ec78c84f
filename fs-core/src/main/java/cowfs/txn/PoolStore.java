package cowfs.txn;

import cowfs.alloc.DeferredFrees;
import cowfs.alloc.Epochs;
import cowfs.alloc.Refcounts;
import cowfs.alloc.SpaceMap;
import cowfs.alloc.SpaceTree;
import cowfs.block.CommittedNode;
import cowfs.block.DamageLog;
import cowfs.block.Node;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.error.PoolFailedException;
import cowfs.error.RequestException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.GroupItem.Use;
import cowfs.format.ItemKind;
import cowfs.format.NodeRefItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// An open pool: the device, the pool's own trees, the file trees in use, and the way in and out.
///
/// {@link TransactionGroups} turns changes into commits. A failed write or flush stops the pool:
/// from then on it can be read, and every change and every sync fails, until it is opened again.
///
/// Thread safe.
public final class PoolStore implements Closeable {
    private final BlockDevice device;
    private final PoolOptions options;
    private final NodeStore nodes;
    private final SuperblockRing ring;
    private final CopyRepair repair;
    private final Epochs epochs = new Epochs();
    private final DataStore data;
    private final Map<Long, FileTree> openTrees = new ConcurrentHashMap<>();
    private final AtomicLong nextTreeId;
    private final List<CommittedNode> replacedPoolNodes = new ArrayList<>();
    private final BTree rootTree;
    private final Refcounts refcounts;
    private final SpaceTree spaceTree;
    private final SpaceMap spaceMap;
    private final DeferredFrees deferredFrees;
    private final Discards discards;
    private final TransactionGroups groups;
    private final String recoveryNote;
    private volatile CommittedState state;
    private volatile Instant lastDurable = Instant.now();
    private volatile @Nullable PoolFailedException failure;
    private volatile boolean closed;
    private volatile @Nullable CommitTimer timer;
    private volatile Runnable afterTick = () -> {};

    private PoolStore(
            BlockDevice device,
            PoolOptions options,
            Superblock superblock,
            long lastTxg,
            String note,
            boolean fresh)
            throws IOException {
        this.device = device;
        this.options = options;
        this.recoveryNote = note;
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
        CommittedNode root = fresh ? null : nodes.read(superblock.root(), superblock.rootLevel());
        this.rootTree = BTree.writer(nodes, TreeId.ROOT, root, 0, 0, this::poolNodeReplaced);
        this.refcounts = new Refcounts(poolTree(TreeId.REFCOUNT, fresh), superblock.deviceBlocks());
        this.spaceTree = new SpaceTree(poolTree(TreeId.SPACE, fresh), superblock.deviceBlocks());
        int[] free = SpaceMap.allFree(superblock.deviceBlocks());
        Use[] use = new Use[free.length];
        spaceTree.loadSummaries(free, use);
        if (fresh) {
            for (int area = 0; area < SuperblockArea.AREAS; area++) {
                int group =
                        (int)
                                (SuperblockArea.start(area, superblock.deviceBlocks())
                                        >>> Blocks.GROUP_SHIFT);
                free[group] -= SuperblockArea.SLOTS;
                use[group] = Use.METADATA;
            }
        }
        int reserved =
                SpaceBudget.reservedGroups(
                        superblock.deviceBlocks(), nodes.nodeBlocks(), superblock.metadataCopies());
        this.spaceMap =
                new SpaceMap(superblock.deviceBlocks(), free, use, reserved, spaceTree::load);
        this.deferredFrees = new DeferredFrees(spaceMap, epochs);
        this.discards = new Discards(device, spaceMap, deferredFrees);
        this.groups = new TransactionGroups(this, lastTxg);
        this.state = new CommittedState(superblock, root == null ? NO_ROOT : root);
    }

    /// Stands for the root tree of a pool that is being made.
    private static final CommittedNode NO_ROOT = new CommittedNode(BlockPointer.NONE, new byte[0]);

    /// Makes a new pool on a device, with the state that `first` builds, and leaves it closed.
    ///
    /// @param start what the superblock is to say; its txg, root and counters are ignored
    public static void format(BlockDevice device, Superblock start, CommitStep first)
            throws IOException {
        PoolOptions options =
                new PoolOptions(
                        false,
                        1 << 20,
                        java.time.Duration.ZERO,
                        PoolOptions.DEFAULT_MAX_DIRTY_BYTES);
        Superblock blank =
                start.next(
                        0,
                        BlockPointer.NONE,
                        0,
                        TreeId.FIRST_SUBVOLUME,
                        0,
                        (long) SuperblockArea.AREAS * SuperblockArea.SLOTS,
                        null);
        PoolStore store = new PoolStore(device, options, blank, 0, "", true);
        store.ring.clear(start.deviceBlocks());
        device.flush();
        store.beginPoolTrees(1);
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long address = SuperblockArea.start(area, start.deviceBlocks());
            store.spaceTree.markReserved(address, SuperblockArea.SLOTS, store.spaceMap);
        }
        store.submit(first);
        store.close();
    }

    /// Makes durable that no pool is on the device any more, whatever size it had: so that after a
    /// power cut while a new one is made the old one does not come back half overwritten.
    public static void erase(BlockDevice device) throws IOException {
        SuperblockRing ring = new SuperblockRing(device);
        long deviceBlocks = device.sizeBytes() >>> Blocks.SHIFT;
        Set<Long> sizes = new TreeSet<>(Set.of(deviceBlocks));
        try {
            ring.find().forEach(old -> sizes.add(old.deviceBlocks()));
        } catch (CowException noPool) {
            // one that can't be opened comes back no more than one that is not there
        }
        for (long size : sizes) {
            ring.clear(size);
        }
        device.flush();
    }

    /// Opens a pool in the state that {@link Recovery} chooses.
    public static PoolStore open(BlockDevice device, PoolOptions options) throws IOException {
        SuperblockRing ring = new SuperblockRing(device);
        List<Superblock> found = ring.find();
        Recovery recovery = Recovery.choose(device, found);
        Superblock superblock = recovery.superblock();
        if (superblock.features().roCompat() != 0 && !options.readOnly()) {
            throw new ImageException(
                    ErrorKind.TOO_NEW,
                    "the image has features 0x"
                            + Long.toHexString(superblock.features().roCompat())
                            + " that this cowfs can only read: open it read-only or use a newer cowfs");
        }
        long lastTxg = recovery.lastTxg();
        String note = recovery.note();
        if (ring.isSpoilt(lastTxg + 1, superblock.deviceBlocks())) {
            note =
                    "no copy of the superblock of transaction group "
                            + (lastTxg + 1)
                            + " can be read: it was cut off while it was written, or is damaged; opened"
                            + " the one before, "
                            + superblock.txg();
        }
        boolean settled =
                superblock.sealed()
                        && lastTxg == superblock.txg()
                        && ring.hasBothCopies(superblock);
        if (!options.readOnly() && !settled) {
            lastTxg++;
            superblock = superblock.sealedAs(lastTxg);
            recovery.mend(device);
            device.flush();
            ring.write(superblock);
            device.flush();
        }
        PoolStore store = new PoolStore(device, options, superblock, lastTxg, note, false);
        if (!options.readOnly() && !options.commitInterval().isZero()) {
            store.timer = CommitTimer.start(store, options.commitInterval());
        }
        if (!options.readOnly()) {
            store.repair.begin();
        }
        return store;
    }

    private BTree poolTree(long id, boolean fresh) throws IOException {
        Node root = null;
        long nodeCount = 0;
        if (!fresh) {
            NodeRefItem item = poolTreeItem(rootTree, id);
            root = BTree.readRoot(nodes, item.pointer(), item.level());
            nodeCount = item.nodeCount();
        }
        return BTree.writer(nodes, id, root, nodeCount, 0, this::poolNodeReplaced);
    }

    private static NodeRefItem poolTreeItem(BTree rootTree, long id) throws IOException {
        Cursor cursor = rootTree.cursor();
        if (!rootTree.find(cursor, id, ItemKind.TREE_ROOT.number(), 0)) {
            throw new CorruptException(
                    "root tree", "tree=" + id, "the pool's tree has no root item");
        }
        return NodeRefItem.readFrom(
                cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + id);
    }

    private void poolNodeReplaced(Node old) {
        replacedPoolNodes.add(
                old instanceof OwnedNode frozen
                        ? Objects.requireNonNull(frozen.committed())
                        : (CommittedNode) old);
    }

    // ---- what the rooms above use

    /// The tree of a subvolume or snapshot, one object for each id.
    ///
    /// @param item what the root tree says about it
    public FileTree tree(long id, String name, SubvolumeItem item) throws IOException {
        FileTree open = openTrees.get(id);
        if (open == null) {
            Node root = BTree.readRoot(nodes, item.root(), item.rootLevel());
            FileTree fresh = new FileTree(this, id, name, item, root, 0);
            open = openTrees.merge(id, fresh, (known, _) -> known);
        }
        return open;
    }

    /// The tree with an id if anybody has opened it.
    public @Nullable FileTree lookupOpenTree(long id) {
        return openTrees.get(id);
    }

    /// Forgets a deleted tree; whoever still holds it gets errors.
    public void forgetTree(long id) {
        FileTree tree = openTrees.remove(id);
        if (tree != null) {
            tree.delete();
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
        return BTree.reader(nodes, TreeId.ROOT, committed.rootTree());
    }

    /// Makes durable all that has been changed, and keeps that state readable until the pin is
    /// closed: see {@link Pin}.
    ///
    /// @throws RequestException `BUSY` when there are {@link Pin#MAX_PINS} already
    public Pin pin() throws IOException {
        requireOpen();
        if (options.readOnly()) {
            return new Pin(this, state, deferredFrees.pin(spaceTree));
        }
        sync();
        Pin[] made = new Pin[1];
        groups.betweenCommits(
                () -> {
                    requireWritable();
                    if (deferredFrees.pinCount() >= Pin.MAX_PINS) {
                        throw new RequestException(
                                ErrorKind.BUSY,
                                Pin.MAX_PINS
                                        + " commands read older states of the image already; wait until one is done");
                    }
                    made[0] = new Pin(this, state, deferredFrees.pin(spaceTreeOf(state)));
                });
        return Objects.requireNonNull(made[0]);
    }

    private SpaceTree spaceTreeOf(CommittedState committed) throws IOException {
        NodeRefItem item = poolTreeItem(rootTreeOf(committed), TreeId.SPACE);
        Node root = BTree.readRoot(nodes, item.pointer(), item.level());
        return new SpaceTree(
                BTree.reader(nodes, TreeId.SPACE, root), committed.superblock().deviceBlocks());
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

    /// Rewrites bad copies of nodes.
    public CopyRepair repair() {
        return repair;
    }

    public DataStore data() {
        return data;
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
        return failure;
    }

    /// How the pool's blocks are used. One part in 64 of the free blocks is left for the nodes that
    /// will name new data.
    public PoolStatus status() {
        Superblock superblock = state.superblock();
        long used = superblock.dataBlocks() + superblock.metadataBlocks();
        // the reserve shrinks when deleting has to use it
        long reserved = Math.min(spaceMap.reservedBlocks(), nodes.deviceBlocks() - used);
        // what pins keep is there for whoever needs it, and they are not
        long free =
                spaceMap.dataFreeBlocks()
                        + deferredFrees.waitingDataBlockCount()
                        + deferredFrees.keptDataBlockCount();
        // what the open group has freed is free before the last durable state says so
        long unused = nodes.deviceBlocks() - used - reserved;
        return new PoolStatus(
                nodes.deviceBlocks(), used, Math.min(free - free / 64, unused), reserved);
    }

    // ---- what the rest of this room uses

    TransactionGroups groups() {
        return groups;
    }

    PoolOptions options() {
        return options;
    }

    BTree rootTree() {
        return rootTree;
    }

    Refcounts refcounts() {
        return refcounts;
    }

    SpaceTree spaceTree() {
        return spaceTree;
    }

    SpaceMap spaceMap() {
        return spaceMap;
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
        return new NodeAddresses(spaceMap, nodes.nodeBlocks(), copies());
    }

    List<CommittedNode> replacedPoolNodes() {
        return replacedPoolNodes;
    }

    void beginPoolTrees(long txg) {
        replacedPoolNodes.clear();
        rootTree.beginTxg(txg);
        refcounts.tree().beginTxg(txg);
        spaceTree.tree().beginTxg(txg);
    }

    void poolTreesCommitted() {
        for (BTree tree : List.of(rootTree, refcounts.tree())) {
            if (tree.root() instanceof OwnedNode frozen) {
                tree.committed(frozen);
            }
        }
        spaceTree.committed();
    }

    /// Lets readers see a state that is durable now.
    void committed(CommittedState durable) {
        state = durable;
        lastDurable = Instant.now();
    }

    void raiseLastSnapshotTxg(long treeId, long txg) throws IOException {
        FileTree open = openTrees.get(treeId);
        if (open != null) {
            open.raiseLastSnapshotTxg(txg);
        }
        Cursor cursor = rootTree.cursor();
        if (!rootTree.find(cursor, treeId, ItemKind.SUBVOLUME.number(), 0)) {
            throw new CorruptException(
                    "root tree", "tree=" + treeId, "a shared subvolume has no item");
        }
        SubvolumeItem item =
                SubvolumeItem.readFrom(
                        cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + treeId);
        rootTree.put(
                treeId, ItemKind.SUBVOLUME.number(), 0, item.withLastSnapshotTxg(txg).toBytes());
    }

    /// Stops the pool: nothing more is written to the device until it is opened again.
    PoolFailedException fail(String what, @Nullable Throwable cause) {
        String why =
                cause == null
                        ? ""
                        : ": " + (cause.getMessage() == null ? cause : cause.getMessage());
        PoolFailedException failed =
                new PoolFailedException(
                        what
                                + why
                                + "; all changes after txg "
                                + state.superblock().txg()
                                + ", which was durable at "
                                + lastDurable.truncatedTo(ChronoUnit.SECONDS)
                                + ", are lost, and the pool is read-only now: unmount it, find out what is wrong with the image's"
                                + " disk (is it full?), and mount it again",
                        cause);
        synchronized (this) {
            if (failure == null) {
                failure = failed;
            }
        }
        return failed;
    }

    /// Whether this thread holds none of the locks that are taken last.
    boolean holdsNoLeaf() {
        return !Thread.holdsLock(spaceMap)
                && !Thread.holdsLock(deferredFrees)
                && !Thread.holdsLock(groups.openLog());
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the pool is closed");
        }
    }

    /// @throws PoolFailedException once the pool has failed
    void requireSound() throws IOException {
        PoolFailedException failed = failure;
        if (failed != null) {
            throw new PoolFailedException(String.valueOf(failed.getMessage()), failed);
        }
    }

    void requireWritable() throws IOException {
        requireOpen();
        if (options.readOnly()) {
            throw new RequestException(ErrorKind.READ_ONLY, "the image is open for reading only");
        }
        requireSound();
    }

    /// What the timer does: commits what is old enough, returns freed blocks, and gives their space
    /// to the host.
    void tick() throws IOException {
        if (failure != null || closed) {
            return;
        }
        groups.commitOpen();
        discardUnused();
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
        discards.discardUnused();
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
                        if (!closed && !options.readOnly() && failure == null) {
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
