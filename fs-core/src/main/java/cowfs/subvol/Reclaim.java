package cowfs.subvol;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.ItemKind;
import cowfs.format.NodeRefItem;
import cowfs.format.SubvolumeItem;
import cowfs.txn.CommitContext;
import cowfs.txn.PoolStore;
import cowfs.txn.SpaceClaim;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Gives back the space of deleted trees, in the background and in bounded steps, each inside a
/// commit.
///
/// What is left to do is a stack of references in the root tree (kind `RECLAIM`, one stack for each
/// deleted tree). Each item owns one reference to a node. A step takes references off the top:
/// where others share the node, the reference is just dropped; otherwise the node is freed, its
/// extents are dropped, and the references that it held to its children are pushed. So at every
/// commit the counts are exact, a crash resumes where the last commit stood, and the walk stops at
/// everything that is still shared. The stack stays below the nodes of one path times their
/// fan-out.
///
/// A step stops before a reference whose drop could cost more nodes than the pool has places for.
/// The space that it has freed comes back with the next commit, and then there is room for more.
///
/// Thread safe.
public final class Reclaim implements AutoCloseable {
    /// References, to nodes and to extents, handled in one commit: some tens of milliseconds, so
    /// that an fsync never waits long behind one.
    private static final int REFERENCES_PER_STEP = 16_384;

    /// How long to wait before another try when the image is too full even for that.
    private static final long RETRY_MILLIS = 500;

    /// Half a minute at most.
    private static final int MAX_DOUBLINGS = 6;

    /// After so many steps in a row that found no room, nobody is kept waiting for the next.
    private static final int STUCK_ROUNDS = 20;

    /// Items of the root tree that a step changes whatever it finds.
    private static final int ROOT_ITEMS_PER_STEP = 2;

    private static final System.Logger LOG = System.getLogger("cowfs.subvol");

    private final PoolStore store;
    private final Object monitor = new Object();
    private @Nullable Thread worker;
    private boolean started;
    private boolean idle;

    /// How often there was something new to do, so that news which comes while the thread finds
    /// nothing left is not lost.
    private long wakeCount;

    /// Steps that are done.
    private long stepCount;

    /// Trees that somebody waits for: their turn is before all others'.
    private final Set<Long> urgent = new LinkedHashSet<>();

    /// How often trees were added there.
    private long urgentCount;

    private boolean stopping;
    private @Nullable IOException failure;

    /// Steps in a row that found no room for a single drop. Guarded by `monitor`.
    private int stuckRounds;

    /// Steps since the last drop that could not read a node. Guarded by `monitor`.
    private int unreadableRounds;

    /// Why, until somebody who waits has been told.
    private @Nullable IOException unreadable;

    /// Of which tree.
    private long unreadableTree;

    public Reclaim(PoolStore store) {
        this.store = store;
    }

    /// Finishes in the background what an earlier run has left, and from now on what is deleted. A
    /// thread is there from the first work on: most who open an image delete nothing.
    public void start() throws IOException {
        boolean pending = pendingTreeCount() > 0;
        synchronized (monitor) {
            started = true;
            idle = !pending;
            if (pending) {
                startWorker();
            }
        }
    }

    /// The monitor is held.
    private void startWorker() {
        Thread thread = new Thread(this::run, "cowfs-reclaim");
        thread.setDaemon(true);
        worker = thread;
        thread.start();
    }

    /// Tells the thread that there is something to do.
    void wake() {
        synchronized (monitor) {
            idle = false;
            wakeCount++;
            if (started && worker == null && !stopping) {
                startWorker();
            }
            monitor.notifyAll();
        }
    }

    /// Leaves the tree of a subvolume or snapshot, which nothing names any more, to be reclaimed.
    ///
    /// @param id under which what is left of it stands; of no tree that is listed
    static void leave(CommitContext context, long id, SubvolumeItem item) throws IOException {
        if (!item.root().isNone()) {
            byte[] reference = new NodeRefItem(item.root(), item.rootLevel(), 0).toBytes();
            context.rootTree().put(id, ItemKind.RECLAIM.number(), 0, reference);
        }
    }

    /// Waits until there is nothing left to reclaim.
    ///
    /// @throws IOException when reclaim failed or was stopped before; when the device can't read
    ///   what comes next, or `NO_SPACE` when there was no room for a step for about ten seconds: it
    ///   goes on by itself then
    public void await() throws IOException {
        synchronized (monitor) {
            while (!idle) {
                throwUnreadable();
                awaitNews();
            }
        }
    }

    private void throwUnreadable() throws IOException {
        if (unreadable != null) {
            IOException told = unreadable;
            unreadable = null;
            throw new IOException(told.getMessage(), told);
        }
    }

    /// Waits until nothing is left of some trees that were deleted, which come before all others.
    ///
    /// @throws IOException as {@link #await()}
    public void await(Collection<Long> trees) throws IOException {
        synchronized (monitor) {
            urgent.addAll(trees);
            urgentCount++;
            monitor.notifyAll();
        }
        try {
            boolean pending = true;
            while (pending) {
                long seen;
                synchronized (monitor) {
                    seen = stepCount;
                }
                pending = isAnyPending(trees);
                synchronized (monitor) {
                    while (pending && !idle && stepCount == seen) {
                        if (trees.contains(unreadableTree)) {
                            throwUnreadable();
                        }
                        awaitNews();
                    }
                    pending = pending && !idle;
                }
            }
        } finally {
            synchronized (monitor) {
                trees.forEach(urgent::remove);
            }
        }
    }

    /// Waits for something to happen. The monitor is held.
    ///
    /// @throws IOException when nothing will
    @SuppressWarnings("WaitNotInLoop") // who calls it asks again
    private void awaitNews() throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        if (stuckRounds >= STUCK_ROUNDS) {
            throw new RequestException(
                    ErrorKind.NO_SPACE,
                    "there is no room for giving back the space of what was deleted: delete files or"
                            + " snapshots; it goes on by itself once there is room");
        }
        if (stopping || worker == null) {
            throw new IOException("the image was closed while space was still coming back");
        }
        try {
            monitor.wait();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for space to come back", interrupted);
        }
    }

    private boolean isAnyPending(Collection<Long> trees) throws IOException {
        long epoch = store.epochs().enter();
        try {
            BTree rootTree = store.rootTreeOf(store.state());
            for (long tree : trees) {
                if (ReclaimStep.topSequence(rootTree, tree) >= 0) {
                    return true;
                }
            }
            return false;
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// How many deleted trees still hold space in the last durable state.
    public int pendingTreeCount() throws IOException {
        long epoch = store.epochs().enter();
        try {
            Cursor cursor = store.rootTreeOf(store.state()).cursor();
            int count = 0;
            long last = 0;
            for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
                if (cursor.kind() == ItemKind.RECLAIM.number() && cursor.inode() != last) {
                    last = cursor.inode();
                    count++;
                }
            }
            return count;
        } finally {
            store.epochs().leave(epoch);
        }
    }

    private void run() {
        try {
            while (awaitWork()) {
                ReclaimStep step = new ReclaimStep(urgent());
                ReclaimEvent event = new ReclaimEvent();
                event.begin();
                try {
                    store.submit(
                            SpaceClaim.DELETING,
                            ROOT_ITEMS_PER_STEP,
                            context -> step.run(context, REFERENCES_PER_STEP));
                } catch (RequestException refused) {
                    if (refused.kind() == ErrorKind.IO) {
                        noteUnreadable(refused, step.tree());
                    } else if (refused.kind() != ErrorKind.NO_SPACE) {
                        throw refused;
                    }
                }
                event.stuck = step.isStuck();
                event.commit();
                note(step.isStuck());
                if (step.isStuck()) {
                    pause();
                }
            }
        } catch (IOException failed) {
            end(failed);
        } catch (RuntimeException | Error defect) {
            // whoever waits for this thread must not wait for ever
            end(new IOException("reclaim ended by a defect: " + defect, defect));
            throw defect;
        }
    }

    /// The next node can't be read now. Who waits is told, once; the thread tries again.
    private void noteUnreadable(IOException why, long tree) {
        synchronized (monitor) {
            if (unreadableRounds++ == 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the space of what was deleted does not come back while the image''s disk"
                                + " fails; it is tried again: {0}",
                        why.getMessage());
            }
            unreadable = why;
            unreadableTree = tree;
            monitor.notifyAll();
        }
    }

    private void end(IOException why) {
        LOG.log(
                System.Logger.Level.ERROR,
                "space of deleted subvolumes cannot be reclaimed: {0}",
                why.getMessage());
        synchronized (monitor) {
            failure = why;
            monitor.notifyAll();
        }
    }

    private void note(boolean stuck) {
        synchronized (monitor) {
            stuckRounds = stuck ? stuckRounds + 1 : 0;
            unreadableRounds = stuck ? unreadableRounds : 0;
            stepCount++;
            if (stuckRounds == STUCK_ROUNDS || !urgent.isEmpty()) {
                monitor.notifyAll();
            }
        }
    }

    /// Waits for others to make room.
    private void pause() {
        synchronized (monitor) {
            // a disk that fails is asked less and less often
            long millis = RETRY_MILLIS << Math.min(MAX_DOUBLINGS, unreadableRounds);
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            long seen = urgentCount;
            for (long left = millis; !stopping && left > 0 && urgentCount == seen; ) {
                try {
                    monitor.wait(left);
                } catch (InterruptedException interrupted) {
                    stopping = true;
                }
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
        }
    }

    /// Waits for work; false when it is time to stop.
    private boolean awaitWork() throws IOException {
        long seen;
        synchronized (monitor) {
            seen = wakeCount;
        }
        if (pendingTreeCount() > 0) {
            synchronized (monitor) {
                return !stopping;
            }
        }
        synchronized (monitor) {
            idle = wakeCount == seen;
            monitor.notifyAll();
            while (idle && !stopping) {
                try {
                    monitor.wait();
                } catch (InterruptedException interrupted) {
                    stopping = true;
                }
            }
            return !stopping;
        }
    }

    private List<Long> urgent() {
        synchronized (monitor) {
            return List.copyOf(urgent);
        }
    }

    /// Stops after the step that is running; what is left goes on at the next open.
    @Override
    public void close() {
        Thread running;
        synchronized (monitor) {
            stopping = true;
            monitor.notifyAll();
            running = worker;
        }
        boolean interrupted = false;
        while (running != null && running.isAlive()) {
            try {
                Objects.requireNonNull(running).join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
