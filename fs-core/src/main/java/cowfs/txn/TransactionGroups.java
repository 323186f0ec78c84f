package cowfs.txn;

import cowfs.error.RequestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// The transaction groups of a pool: one is always open, one at most is being committed.
///
/// Changes hold the *gate* shared. The freeze takes it exclusively, just long enough to swap the
/// log and note the roots of the changed trees; then the commit runs while operations go on in the
/// next group. Commits run one after the other under the commit lock. Whoever needs one (an fsync,
/// a snapshot, the timer) runs it on its own thread, which saves two thread switches on the way of
/// an fsync; and those who wait behind it mostly find their changes durable when it is their turn.
///
/// Memory for changes is bounded: half of the bound makes the timer commit, all of it makes
/// operations wait for a commit.
///
/// Locks are taken in the order of {@link LockOrder}.
///
/// Thread safe.
final class TransactionGroups {
    /// Notes of one group in memory: about 100 bytes each.
    private static final int MAX_NOTES = 200_000;

    /// Readers are through in much less, unless their disk hangs.
    private static final long LONGEST_WAIT_FOR_READERS_NANOS = 2_000_000_000L;

    private static final long READER_POLL_NANOS = 50_000;

    private final PoolStore store;
    private final SpaceBudget budget;
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
    private final ReentrantLock commitLock = new ReentrantLock();
    private final Set<FileTree> changedTrees = new HashSet<>();
    private final AtomicLong openNodes = new AtomicLong();
    private final CommitTimes times = new CommitTimes();
    private final AtomicBoolean hurried = new AtomicBoolean();
    private volatile TxgLog openLog;
    private volatile long writingBound;
    private volatile long writingNodes;
    private volatile int changedTreeCount;

    /// The group that is being written when it has steps, else 0.
    private volatile long sharingTxg;

    private volatile long durableTxg;

    /// @param lastTxg the highest number ever used
    TransactionGroups(PoolStore store, long lastTxg) {
        this.store = store;
        this.budget = new SpaceBudget(store);
        this.durableTxg = lastTxg;
        this.openLog = new TxgLog(lastTxg + 1);
    }

    ReentrantReadWriteLock gate() {
        return gate;
    }

    /// Takes the gate shared: no freeze comes until it is left.
    void enterGate() {
        assert store.holdsNoLeaf() && LockOrder.take(LockOrder.Rank.GATE);
        gate.readLock().lock();
    }

    void leaveGate() {
        gate.readLock().unlock();
        assert LockOrder.give(LockOrder.Rank.GATE);
    }

    private void takeCommitLock() {
        assert store.holdsNoLeaf() && LockOrder.take(LockOrder.Rank.COMMIT);
        commitLock.lock();
    }

    private void giveCommitLock() {
        commitLock.unlock();
        assert LockOrder.give(LockOrder.Rank.COMMIT);
    }

    /// The log of the open group. Its txg can't change while the gate is held.
    TxgLog openLog() {
        return openLog;
    }

    /// Runs a step in the next commit and waits until that is durable.
    ///
    /// @param admitted runs once nothing but the step itself can refuse it, before it is in the
    ///   group; must not block
    /// @throws RequestException `NO_SPACE`, or when the step refused; the commit went on without it
    void submit(SpaceClaim claim, int itemCount, Runnable admitted, CommitStep step)
            throws IOException {
        store.requireWritable();
        IOException[] refused = new IOException[1];
        CommitStep guarded =
                context -> {
                    try {
                        step.run(context);
                    } catch (RequestException refusal) {
                        refused[0] = refusal;
                    }
                };
        long txg;
        long claimed = budget.claim(itemCount, 0, store.trees().root().height(), claim);
        enterGate();
        try {
            admitted.run();
            txg = openLog.txg();
            openLog.addStep(guarded, claimed);
        } finally {
            leaveGate();
            budget.release(claimed);
        }
        commitThrough(txg);
        if (refused[0] != null) {
            throw refused[0];
        }
    }

    /// Makes durable all that has been changed.
    void sync() throws IOException {
        long txg;
        // the gate keeps a freeze from coming between the two questions
        enterGate();
        try {
            txg = hasChanges() ? openLog.txg() : openLog.txg() - 1;
        } finally {
            leaveGate();
        }
        commitThrough(txg);
    }

    /// Makes room in memory, then admits an operation or refuses it; takes no lock that it keeps.
    ///
    /// @return what {@link #settle} wants when the operation is over
    long admit(int itemCount, int shareCount, int treeHeight, SpaceClaim claim) throws IOException {
        store.requireWritable();
        long maxNodes = store.options().maxDirtyBytes() / store.nodes().nodeBytes();
        int notes = openLog.noteCount();
        if (openNodes.get() > maxNodes || notes > MAX_NOTES) {
            commitThrough(openLog.txg());
        } else if ((openNodes.get() > maxNodes / 2 || notes > MAX_NOTES / 2)
                && hurried.compareAndSet(false, true)) {
            store.hurry();
        }
        return budget.claim(itemCount, shareCount, treeHeight, claim);
    }

    /// Ends what {@link #admit} began: the operation has noted what it cost.
    void settle(long admitted) {
        budget.release(admitted);
    }

    SpaceBudget budget() {
        return budget;
    }

    /// Takes note of a tree that the open group changed.
    void noteChanged(FileTree tree, int newNodes) {
        synchronized (changedTrees) {
            changedTrees.add(tree);
            changedTreeCount = changedTrees.size();
        }
        openNodes.addAndGet(newNodes);
    }

    /// An upper bound on the nodes that the group being written and the open one will write.
    long dirtyNodeBound() {
        // in this order: what a freeze moves meanwhile counts twice, and never not at all
        return bound(openLog, openNodes.get()) + writingBound;
    }

    private long bound(TxgLog log, long changedNodes) {
        long touches = log.referenceTouches();
        return log.stepNodes()
                + budget.nodeBound(
                        changedNodes,
                        changedTreeCount,
                        touches,
                        log.insertedRangeCount() + touches);
    }

    /// Whether a step that is being committed may share nodes as young as the group that is being
    /// written, without their tree knowing yet.
    boolean sharesUnnoticed(long birthTxg) {
        return birthTxg == sharingTxg;
    }

    /// Commits so that freed blocks come back, and what a group may cost becomes what it costs.
    /// Then waits for the readers that might still see them: a walk of a large tree must not turn
    /// what is free into "no space left". The caller is no reader himself, and holds nothing that
    /// readers want.
    ///
    /// @return false when there is nothing to wait for
    boolean forceFreesBack() throws IOException {
        boolean worth = commitForFrees();
        if (worth) {
            awaitReaders();
        }
        return worth;
    }

    private void awaitReaders() throws IOException {
        long start = System.nanoTime();
        while (!store.deferredFrees().releaseSafe()
                && System.nanoTime() - start < LONGEST_WAIT_FOR_READERS_NANOS) {
            LockSupport.parkNanos(READER_POLL_NANOS);
        }
    }

    /// Ends the pins of older states when what they keep may be what is missing. Where {@link
    /// #forceFreesBack} was not enough.
    ///
    /// @return whether it is worth trying again
    boolean endPins() throws IOException {
        boolean kept = store.deferredFrees().endPins();
        if (kept) {
            awaitReaders();
        }
        return kept;
    }

    private boolean commitForFrees() throws IOException {
        boolean writing = writingBound > 0;
        takeCommitLock();
        try {
            boolean worth =
                    (store.deferredFrees().waitingBlockCount() > 0 && budget.hasRoomForPromised())
                            || hasChanges();
            if (worth) {
                commit(true);
            }
            return worth || writing;
        } finally {
            giveCommitLock();
        }
    }

    private boolean hasChanges() {
        synchronized (changedTrees) {
            return !changedTrees.isEmpty() || !openLog.isEmpty();
        }
    }

    /// Commits the open group if it has changed anything.
    void commitOpen() throws IOException {
        if (hasChanges()) {
            commitThrough(openLog.txg());
        }
    }

    /// Returns when `txg` is durable, committing if need be.
    void commitThrough(long txg) throws IOException {
        while (durableTxg < txg) {
            takeCommitLock();
            try {
                if (durableTxg < txg) {
                    commit(false);
                }
            } finally {
                giveCommitLock();
            }
        }
        store.latch().requireSound();
    }

    /// Runs something while no commit is running: the last words of a pool, or what must not meet a
    /// superblock that is being written.
    void betweenCommits(Alone body) throws IOException {
        takeCommitLock();
        try {
            body.run();
        } finally {
            giveCommitLock();
        }
    }

    /// What runs alone.
    @FunctionalInterface
    interface Alone {
        void run() throws IOException;
    }

    /// Makes durable all that has been changed, with a sealed superblock: recovery can't fall back
    /// to any state before it.
    void seal() throws IOException {
        takeCommitLock();
        try {
            if (hasChanges() || !store.lastSuperblock().sealed()) {
                commit(true);
            }
        } finally {
            giveCommitLock();
        }
    }

    /// Leaves a sealed superblock behind. The commit lock is held.
    void commitLast() throws IOException {
        if (hasChanges()) {
            commit(true);
        } else if (!store.lastSuperblock().sealed()) {
            try {
                store.ring().write(store.lastSuperblock().sealedAs(openLog.txg()));
                store.device().flush();
            } catch (IOException broken) {
                throw store.latch().fail("the last state could not be sealed", broken);
            }
        }
    }

    /// How long commits took.
    CommitTimes times() {
        return times;
    }

    /// Changed nodes of the open and the frozen group.
    long dirtyNodeCount() {
        return openNodes.get() + writingNodes;
    }

    private void commit(boolean wantSealed) throws IOException {
        TxgLog log;
        List<FileTree.Frozen> frozen = new ArrayList<>();
        CommitEvent event = new CommitEvent();
        event.begin();
        long begun = System.nanoTime();
        assert store.holdsNoLeaf() && LockOrder.take(LockOrder.Rank.GATE);
        long frozenAt;
        gate.writeLock().lock();
        try {
            frozenAt = System.nanoTime();
            // behind the gate: an operation that has failed half-way must not be committed
            store.requireWritable();
            log = openLog;
            synchronized (changedTrees) {
                changedTrees.forEach(tree -> frozen.add(tree.freeze()));
                writingNodes = openNodes.get();
                // first: for an instant the group counts twice, and never not at all
                writingBound = bound(log, writingNodes);
                openNodes.addAndGet(-writingNodes);
                changedTrees.clear();
                changedTreeCount = 0;
            }
            sharingTxg = log.hasSteps() ? log.txg() : 0;
            openLog = new TxgLog(log.txg() + 1);
            hurried.set(false);
        } finally {
            gate.writeLock().unlock();
            assert LockOrder.give(LockOrder.Rank.GATE);
        }
        try {
            event.freezeNanos = System.nanoTime() - frozenAt;
            commit(log, frozen, wantSealed);
            durableTxg = log.txg();
            event.txg = durableTxg;
            event.sealed = store.lastSuperblock().sealed();
            event.commit();
            times.add(System.nanoTime() - begun, event.freezeNanos);
            writingBound = 0;
            writingNodes = 0;
            sharingTxg = 0;
        } catch (IOException | RuntimeException | Error broken) {
            throw store.latch()
                    .fail("transaction group " + log.txg() + " could not be committed", broken);
        }
        try {
            store.deferredFrees().releaseSafe();
        } catch (IOException | RuntimeException | Error broken) {
            throw store.latch().fail("freed space could not be taken back", broken);
        }
    }

    private void commit(TxgLog log, List<FileTree.Frozen> frozen, boolean wantSealed)
            throws IOException {
        Commit commit = new Commit(store, log, frozen);
        try {
            commit.run(wantSealed);
        } finally {
            budget.release(commit.claimed());
        }
    }
}
