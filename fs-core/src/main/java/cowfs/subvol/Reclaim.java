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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
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

    private boolean stopping;
    private @Nullable IOException failure;

    /// Steps in a row that found no room for a single drop. Guarded by `monitor`.
    private int stuckRounds;

    /// Steps since the last drop that could not read a node. Guarded by `monitor`.
    private int unreadableRounds;

    /// Why, until somebody who waits has been told.
    private @Nullable IOException unreadable;

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
                if (failure != null) {
                    throw new IOException(failure.getMessage(), failure);
                }
                if (unreadable != null) {
                    IOException told = unreadable;
                    unreadable = null;
                    throw new IOException(told.getMessage(), told);
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
                    throw new IOException(
                            "interrupted while waiting for space to come back", interrupted);
                }
            }
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
                Progress[] made = {Progress.STUCK};
                ReclaimEvent event = new ReclaimEvent();
                event.begin();
                try {
                    store.submit(
                            SpaceClaim.DELETING,
                            ROOT_ITEMS_PER_STEP,
                            context -> made[0] = step(context, REFERENCES_PER_STEP));
                } catch (RequestException refused) {
                    if (refused.kind() == ErrorKind.IO) {
                        noteUnreadable(refused);
                    } else if (refused.kind() != ErrorKind.NO_SPACE) {
                        throw refused;
                    }
                }
                event.stuck = made[0] == Progress.STUCK;
                event.commit();
                note(made[0]);
                if (made[0] == Progress.STUCK) {
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
    private void noteUnreadable(IOException why) {
        synchronized (monitor) {
            if (unreadableRounds++ == 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the space of what was deleted does not come back while the image''s disk"
                                + " fails; it is tried again: {0}",
                        why.getMessage());
            }
            unreadable = why;
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

    /// What a step came to.
    private enum Progress {
        /// Something was dropped, or nothing is left.
        MADE,
        /// There was no room for a single drop.
        STUCK
    }

    private void note(Progress made) {
        synchronized (monitor) {
            stuckRounds = made == Progress.STUCK ? stuckRounds + 1 : 0;
            unreadableRounds = made == Progress.STUCK ? unreadableRounds : 0;
            if (stuckRounds == STUCK_ROUNDS) {
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
            for (long left = millis; !stopping && left > 0; ) {
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

    /// Drops up to about `limit` references.
    ///
    /// @throws RequestException `IO` when the next node can't be read now, `CORRUPT` for an item
    ///   that is out of place: the stack is whole
    private static Progress step(CommitContext context, int limit) throws IOException {
        int left = limit;
        Long tree = firstTree(context.rootTree());
        while (tree != null && left > 0) {
            int now = step(context, tree, left);
            if (now == left) {
                return left == limit ? Progress.STUCK : Progress.MADE;
            }
            left = now;
            tree = firstTree(context.rootTree());
        }
        return Progress.MADE;
    }

    /// @return what is left of `limit`, at most 0 when it was used up or there was room for a part
    ///   only; all of it when there was no room
    private static int step(CommitContext context, long tree, int limit) throws IOException {
        Deque<NodeRefItem> stack = new ArrayDeque<>();
        int left = limit;
        while (left > 0) {
            NodeRefItem reference =
                    stack.isEmpty() ? takeTop(context.rootTree(), tree) : stack.pop();
            if (reference == null && left == limit) {
                // there is an item, and none that was put here
                throw new RequestException(
                        ErrorKind.CORRUPT,
                        "corrupt reclaim item: tree=" + tree + ", its place is out of range");
            }
            if (reference == null) {
                return left;
            }
            int dropped;
            try {
                dropped =
                        context.dropNode(
                                reference.pointer(),
                                reference.level(),
                                (pointer, level) -> stack.push(new NodeRefItem(pointer, level, 0)));
            } catch (RequestException unreadable) {
                stack.push(reference);
                putBack(context.rootTree(), tree, stack);
                throw unreadable;
            }
            if (dropped == 0) {
                stack.push(reference);
                break;
            }
            left -= dropped;
        }
        putBack(context.rootTree(), tree, stack);
        return left == limit ? limit : Math.min(left, 0);
    }

    private static void putBack(BTree rootTree, long tree, Deque<NodeRefItem> stack)
            throws IOException {
        long sequence = topSequence(rootTree, tree) + 1;
        List<NodeRefItem> bottomFirst = new ArrayList<>(stack).reversed();
        for (NodeRefItem rest : bottomFirst) {
            rootTree.put(tree, ItemKind.RECLAIM.number(), sequence++, rest.toBytes());
        }
    }

    private static @Nullable Long firstTree(BTree rootTree) throws IOException {
        Cursor cursor = rootTree.cursor();
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            if (cursor.kind() == ItemKind.RECLAIM.number()) {
                return cursor.inode();
            }
        }
        return null;
    }

    private static long topSequence(BTree rootTree, long tree) throws IOException {
        Cursor cursor = rootTree.cursor();
        boolean found =
                cursor.seekFloor(tree, ItemKind.RECLAIM.number(), Long.MAX_VALUE)
                        && cursor.inode() == tree
                        && cursor.kind() == ItemKind.RECLAIM.number();
        return found ? cursor.offset() : -1;
    }

    private static @Nullable NodeRefItem takeTop(BTree rootTree, long tree) throws IOException {
        long sequence = topSequence(rootTree, tree);
        if (sequence < 0) {
            return null;
        }
        Cursor cursor = rootTree.cursor();
        rootTree.find(cursor, tree, ItemKind.RECLAIM.number(), sequence);
        NodeRefItem top =
                NodeRefItem.readFrom(
                        cursor.page(),
                        cursor.position(),
                        cursor.lengthBytes(),
                        "reclaim tree=" + tree + " entry=" + sequence);
        rootTree.remove(tree, ItemKind.RECLAIM.number(), sequence);
        return top;
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
