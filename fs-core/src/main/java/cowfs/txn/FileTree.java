package cowfs.txn;

import cowfs.block.CachedNodes;
import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.block.NodeNotCachedException;
import cowfs.block.OwnedNode;
import cowfs.btree.BTree;
import cowfs.compress.Compression;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Blocks;
import cowfs.format.SubvolumeItem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The tree of one subvolume or snapshot, shared by all its users.
///
/// A reader holds the tree's lock shared, and an epoch; a change holds the gate of the open
/// transaction group shared and the tree's lock exclusively, for as long as it works on nodes in
/// memory. Data never moves under either. A snapshot's tree never changes and takes no lock.
///
/// Nor is a node read from the device under the tree's lock: an operation that comes to one that is
/// not in memory is taken back, leaves the lock, loads it, and runs again ({@link CachedNodes}). So
/// bodies may run several times, and have no effects but on the tree; what they want done outside
/// when they have succeeded they give to {@link Change#onSuccess}.
///
/// Locks are taken in the order of {@link LockOrder}. Thread safe.
public final class FileTree {
    private final PoolStore store;
    private final long id;
    private final @Nullable Pin pin;
    private final boolean readOnly;
    private final BTree tree;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final AtomicLong nextInode;
    private volatile String name;
    private volatile long lastSnapshotTxg;
    private volatile long lastChangedTxg;

    /// Why every use is refused; null while none is.
    private volatile @Nullable ErrorKind gone;

    private volatile TreeLimits limits = TreeLimits.UNLIMITED;
    private volatile Compression compression = Compression.OFF;

    private long referencedBlocks; // guarded by the lock
    private long inodeCount; // guarded by the lock

    private final boolean countsInodes;
    private boolean changed;

    FileTree(
            PoolStore store,
            long id,
            String name,
            SubvolumeItem item,
            @Nullable Node root,
            long openTxg) {
        this(store, id, name, item, root, openTxg, null);
    }

    /// @param pin what keeps a tree of an older state readable; null for one of the last state
    FileTree(
            PoolStore store,
            long id,
            String name,
            SubvolumeItem item,
            @Nullable Node root,
            long openTxg,
            @Nullable Pin pin) {
        this.store = store;
        this.id = id;
        this.name = name;
        this.pin = pin;
        this.readOnly = item.isFixed() || store.readOnly() || pin != null;
        this.nextInode = new AtomicLong(item.nextInode());
        this.lastSnapshotTxg = item.lastSnapshotTxg();
        this.referencedBlocks = item.referencedBlocks();
        this.inodeCount = item.inodeCount();
        this.countsInodes = item.countsInodes();
        this.tree =
                readOnly
                        ? BTree.reader(store.nodes(), id, root).tolerant(store.losses())
                        : BTree.writer(
                                store.nodes(), id, root, item.nodeCount(), openTxg, this::shadowed);
    }

    /// The state of a changed tree at the freeze.
    record Frozen(
            FileTree tree,
            @Nullable Node root,
            int ownedCount,
            long nodeCount,
            long nextInode,
            long referencedBlocks,
            long inodeCount) {}

    public long id() {
        return id;
    }

    /// The name of the subvolume or snapshot, such as `main` or `main@monday`.
    public String name() {
        return name;
    }

    /// Takes note of a new name.
    public void rename(String newName) {
        name = newName;
    }

    public boolean readOnly() {
        return readOnly;
    }

    /// Whether extents of another tree can be shared with this one. Those of a pinned state can't:
    /// they may be counted as free already.
    public boolean canShareWith(FileTree other) {
        return other.store == store && other.pin == null;
    }

    /// An inode number that was never used before in this tree or one that it was cloned from.
    ///
    /// @throws RequestException `NO_SPACE` when all have been: nobody gets that far, but an image
    ///   or a stream can say so
    public long nextInode() throws RequestException {
        long number = nextInode.getAndUpdate(next -> next == Long.MAX_VALUE ? next : next + 1);
        if (number == Long.MAX_VALUE) {
            throw new RequestException(
                    ErrorKind.NO_SPACE,
                    "'" + name + "' has used up its inode numbers: copy it to a new subvolume");
        }
        return number;
    }

    /// Runs `body` on the tree as it is now, changes that are not committed yet included.
    ///
    /// @param body may be run more than once; only the result of the last run counts
    public <T extends @Nullable Object> T read(TreeRead<T> body) throws IOException {
        long epoch = store.epochs().enter();
        try {
            if (readOnly) {
                requireAlive();
                return body.run(tree);
            }
            CachedNodes nodes = new CachedNodes(store.nodes());
            while (true) {
                try {
                    return readLocked(nodes, body);
                } catch (NodeNotCachedException cold) {
                    nodes.load(cold);
                }
            }
        } finally {
            store.epochs().leave(epoch);
        }
    }

    private <T extends @Nullable Object> T readLocked(CachedNodes nodes, TreeRead<T> body)
            throws IOException {
        assert LockOrder.take(LockOrder.Rank.TREE);
        lock.readLock().lock();
        try {
            requireAlive();
            return body.run(tree.reader(nodes));
        } finally {
            lock.readLock().unlock();
            assert LockOrder.give(LockOrder.Rank.TREE);
        }
    }

    /// Runs `body` as one operation of the open transaction group. One that fails has changed
    /// nothing.
    ///
    /// @param itemCount about how many items it puts or removes: what space is reserved for
    /// @param body may be run more than once; only the last run counts
    /// @throws RequestException `NO_SPACE` before anything changed, `READ_ONLY`, or what the body
    ///   throws
    public <T extends @Nullable Object> T change(int itemCount, TreeChange<T> body)
            throws IOException {
        return change(itemCount, 0, SpaceClaim.ORDINARY, body);
    }

    /// The same for an operation that shares extents.
    ///
    /// @param shareCount how many {@link Change#shareExtent} calls it makes at most
    public <T extends @Nullable Object> T changeSharing(
            int itemCount, int shareCount, TreeChange<T> body) throws IOException {
        return change(itemCount, shareCount, SpaceClaim.ORDINARY, body);
    }

    /// The same for an operation that gives space back: it may draw on the reserve.
    public <T extends @Nullable Object> T changeFreeing(int itemCount, TreeChange<T> body)
            throws IOException {
        return change(itemCount, 0, SpaceClaim.FREEING, body);
    }

    private <T extends @Nullable Object> T change(
            int itemCount, int shareCount, SpaceClaim claim, TreeChange<T> body)
            throws IOException {
        if (readOnly) {
            throw new RequestException(
                    ErrorKind.READ_ONLY,
                    "'" + name + "' is read-only: clone it to get a copy that can be changed");
        }
        if (limits.readOnly()) {
            throw new RequestException(
                    ErrorKind.READ_ONLY, "'" + name + "' is set to be read-only");
        }
        CachedNodes nodes = new CachedNodes(store.nodes());
        while (true) {
            long admitted = store.groups().admit(itemCount, shareCount, tree.height(), claim);
            // not around the admission: that may wait for blocks to be free of readers
            long epoch = store.epochs().enter();
            try {
                return changeLocked(nodes, claim, body);
            } catch (NodeNotCachedException cold) {
                nodes.load(cold);
            } finally {
                store.epochs().leave(epoch);
                store.groups().settle(admitted);
            }
        }
    }

    private <T extends @Nullable Object> T changeLocked(
            CachedNodes nodes, SpaceClaim claim, TreeChange<T> body) throws IOException {
        store.groups().enterGate();
        try {
            TxgLog log = store.groups().openLog();
            assert LockOrder.take(LockOrder.Rank.TREE);
            lock.writeLock().lock();
            try {
                requireAlive();
                store.requireWritable();
                return run(log, nodes, claim, body);
            } finally {
                lock.writeLock().unlock();
                assert LockOrder.give(LockOrder.Rank.TREE);
            }
        } finally {
            store.groups().leaveGate();
        }
    }

    private <T extends @Nullable Object> T run(
            TxgLog log, CachedNodes nodes, SpaceClaim claim, TreeChange<T> body)
            throws IOException {
        tree.beginTxg(log.txg());
        tree.beginOperation(nodes);
        Node rootBefore = tree.root();
        int ownedBefore = tree.ownedCount();
        long nodesBefore = tree.nodeCount();
        boolean whole = false;
        Throwable defect = null;
        try {
            Change change = new Change(this, tree, log, store);
            T result = body.run(change);
            if (claim == SpaceClaim.ORDINARY) {
                requireWithinLimits(change, nodesBefore);
            }
            change.finish();
            whole = true;
            return result;
        } catch (IOException failed) {
            undo(failed);
            whole = true;
            throw failed;
        } catch (RuntimeException | Error thrown) {
            defect = thrown;
            throw thrown;
        } finally {
            boolean itemsChanged = tree.operationChangedItems();
            tree.endOperation();
            if (itemsChanged && !whole) {
                store.latch().fail("an operation on '" + name + "' failed half-way", defect);
            }
            // one that failed may have copied nodes: harmless, but noted in the log
            if (itemsChanged || tree.root() != rootBefore || tree.ownedCount() != ownedBefore) {
                changed = true;
                lastChangedTxg = log.txg();
                store.groups().noteChanged(this, tree.ownedCount() - ownedBefore);
            }
        }
    }

    private void requireWithinLimits(Change change, long nodesBefore) throws RequestException {
        long grown =
                Blocks.toBytes(change.referencedBlocksDelta())
                        + nodeBytes(tree.nodeCount() - nodesBefore);
        limits.require(name, referencedBytes(nodesBefore), grown, inodeCount, change.inodesDelta());
    }

    private long referencedBytes(long nodeCount) {
        return Blocks.toBytes(referencedBlocks) + nodeBytes(nodeCount);
    }

    private long nodeBytes(long nodeCount) {
        return nodeCount * store.nodes().nodeBytes() * store.copies();
    }

    private void undo(IOException failed) throws IOException {
        try {
            tree.undo();
        } catch (IOException stuck) {
            stuck.addSuppressed(failed);
            throw stuck;
        }
    }

    /// Makes durable every change to this tree that returned before the call.
    public void sync() throws IOException {
        store.groups().commitThrough(lastChangedTxg);
    }

    /// What the tree's files and nodes take, all copies of these, changes that are not committed
    /// yet included.
    public long referencedBytes() {
        return counted(() -> referencedBytes(tree.nodeCount()));
    }

    /// The inodes of the tree, those without a name too; 0 when they were not counted.
    public long inodeCount() {
        return counted(() -> inodeCount);
    }

    private long counted(LongSupplier count) {
        if (readOnly) {
            return count.getAsLong();
        }
        assert LockOrder.take(LockOrder.Rank.TREE);
        lock.readLock().lock();
        try {
            return count.getAsLong();
        } finally {
            lock.readLock().unlock();
            assert LockOrder.give(LockOrder.Rank.TREE);
        }
    }

    /// Sets what the tree may become, for changes from now on. What was begun may still end.
    public void limit(TreeLimits to) {
        limits = to;
    }

    public TreeLimits limits() {
        return limits;
    }

    /// Sets how new content is compressed where its file does not say it.
    public void compress(Compression how) {
        compression = how;
    }

    public Compression compression() {
        return compression;
    }

    /// Data blocks of the pool.
    public DataStore data() {
        return store.data();
    }

    public PoolStatus poolStatus() {
        return store.status();
    }

    /// The 16 bytes that seed the hash of names in this image.
    public byte[] nameSeed() {
        UUID seed = store.nameSeed();
        return ByteBuffer.allocate(16)
                .putLong(seed.getMostSignificantBits())
                .putLong(seed.getLeastSignificantBits())
                .array();
    }

    /// Runs `body` on a tree that the commit itself makes; the commit is alone with it.
    void initialise(TxgLog log, TreeChange<?> body) throws IOException {
        tree.beginTxg(log.txg());
        Change change = new Change(this, tree, log, store);
        body.run(change);
        change.finish();
        changed = true;
    }

    /// Takes the state of this tree at the freeze: what the commit writes. The gate is held
    /// exclusively.
    Frozen freeze() {
        if (!changed) {
            throw new IllegalStateException("tree " + id + " has not changed");
        }
        changed = false;
        return new Frozen(
                this,
                tree.root(),
                tree.ownedCount(),
                tree.nodeCount(),
                nextInode.get(),
                referencedBlocks,
                inodeCount);
    }

    /// Lets readers use the committed root in place of the frozen one.
    void committed(@Nullable Node frozenRoot) {
        if (frozenRoot instanceof OwnedNode owned) {
            assert LockOrder.take(LockOrder.Rank.TREE);
            lock.writeLock().lock();
            try {
                tree.committed(owned);
            } finally {
                lock.writeLock().unlock();
                assert LockOrder.give(LockOrder.Rank.TREE);
            }
        }
    }

    /// The txg of the latest snapshot or clone: nodes born later belong to this tree alone.
    long lastSnapshotTxg() {
        return lastSnapshotTxg;
    }

    void raiseLastSnapshotTxg(long txg) {
        lastSnapshotTxg = Math.max(lastSnapshotTxg, txg);
    }

    /// Refuses every use from now on.
    void delete() {
        gone = ErrorKind.NOT_FOUND;
    }

    /// Refuses every use from now on: another object stands for the subvolume.
    void replace() {
        gone = ErrorKind.STALE;
    }

    void addCounts(long blocksDelta, long inodesDelta) {
        referencedBlocks += blocksDelta;
        inodeCount += countsInodes ? inodesDelta : 0;
    }

    /// Called by the tree, under its exclusive lock, inside a change.
    private void shadowed(Node old) {
        TxgLog log = store.groups().openLog();
        log.shadowed(this, old);
        long birth =
                old instanceof CommittedNode committed
                        ? committed.pointer().birthTxg()
                        : ((OwnedNode) old).txg();
        if (birth <= lastSnapshotTxg || store.groups().sharesUnnoticed(birth)) {
            log.addReferenceTouches(old.itemCount());
        }
    }

    private void requireAlive() throws IOException {
        ErrorKind why = gone;
        if (why != null) {
            throw new RequestException(
                    why,
                    "'"
                            + name
                            + (why == ErrorKind.STALE
                                    ? "' was rolled back after this was opened: open it again"
                                    : "' was deleted"));
        }
        store.requireOpen();
        if (pin != null) {
            pin.requireHeld();
        }
    }
}
