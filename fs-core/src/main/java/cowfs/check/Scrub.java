package cowfs.check;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.ItemKind;
import cowfs.format.ScrubDamageItem;
import cowfs.format.ScrubItem;
import cowfs.format.Superblock;
import cowfs.txn.CommitContext;
import cowfs.txn.PoolStore;
import cowfs.txn.SpaceClaim;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The scrub of a pool: verifies, on a thread of its own, every copy of every node, all file data
/// and the superblocks, and repairs what has a good copy; see {@link ScrubPass}.
///
/// How far it is, and what it found beyond repair, stands in the root tree, written every {@link
/// #SAVE_INTERVAL_NANOS} and when it stops; so a scrub that was interrupted in any way goes on from
/// there when it is started again. It does not start by itself.
///
/// Thread safe.
public final class Scrub implements AutoCloseable {
    /// The most damage that is listed by place.
    public static final int MAX_LISTED = 1000;

    /// Blocks read in one step at full speed: 8 MiB, so that freed space waits for some hundredths
    /// of a second.
    private static final long STEP_BLOCKS = 2048;

    private static final long SAVE_INTERVAL_NANOS = 10_000_000_000L;
    private static final int BLOCK_BYTES = 4096;
    private static final System.Logger LOG = System.getLogger("cowfs.check");

    private final PoolStore store;
    private final Clock clock;
    private @Nullable Thread worker;
    private @Nullable ScrubPass pass;
    private @Nullable ScrubStatus running;
    private String failure = "";
    private volatile boolean stopping;
    private boolean closed;

    public Scrub(PoolStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /// Starts a scrub, or goes on with one that was not finished.
    ///
    /// @param bytesPerSecond how fast it may read; 0 for no limit
    /// @param restart begin anew in any case
    /// @throws RequestException `BUSY` while one is running, `READ_ONLY`
    public synchronized void start(long bytesPerSecond, boolean restart) throws IOException {
        if (store.readOnly()) {
            throw new RequestException(
                    ErrorKind.READ_ONLY,
                    "the image is open for reading only and a scrub repairs: use 'cowfs check'");
        }
        if (closed) {
            throw new RequestException(ErrorKind.BUSY, "the image is being closed");
        }
        if (worker != null) {
            throw new RequestException(
                    ErrorKind.BUSY,
                    "a scrub is running: see 'cowfs scrub --status', or stop it with 'cowfs scrub --stop'");
        }
        ScrubPass next = pass;
        if (restart || next == null || next.isFinished()) {
            Saved saved = restart ? new Saved(null, List.of()) : load();
            ScrubItem last = saved.item;
            next =
                    last == null || last.finished()
                            ? new ScrubPass(store, now())
                            : new ScrubPass(store, last, saved.damage);
        }
        ScrubPass started = next;
        pass = started;
        failure = "";
        stopping = false;
        running = describe(started, ScrubStatus.State.RUNNING);
        Thread thread = new Thread(() -> run(started, bytesPerSecond), "cowfs-scrub");
        thread.setDaemon(true);
        worker = thread;
        thread.start();
    }

    /// Stops after the step that is running, and remembers how far it came. Does nothing when none
    /// is running.
    public void stop() {
        boolean interrupted = false;
        synchronized (this) {
            stopping = true;
            notifyAll();
            while (worker != null) {
                try {
                    wait();
                } catch (InterruptedException again) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Stops for good.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        stop();
    }

    /// Where it stands, or where the last one stood.
    public synchronized ScrubStatus status() throws IOException {
        ScrubStatus now = running;
        if (worker != null && now != null) {
            return now;
        }
        ScrubPass last = pass;
        if (last != null) {
            return describe(
                    last,
                    last.isFinished()
                            ? ScrubStatus.State.FINISHED
                            : failure.isEmpty()
                                    ? ScrubStatus.State.STOPPED
                                    : ScrubStatus.State.FAILED);
        }
        Saved saved = load();
        ScrubItem item = saved.item;
        if (item == null) {
            return new ScrubStatus(
                    ScrubStatus.State.NEVER, 0, 0, 0, totalBlocks(), 0, 0, List.of(), "");
        }
        return new ScrubStatus(
                item.finished() ? ScrubStatus.State.FINISHED : ScrubStatus.State.STOPPED,
                item.startedSeconds(),
                item.updatedSeconds(),
                item.verifiedBlocks(),
                totalBlocks(),
                item.repairedCount(),
                item.lostCount(),
                saved.damage,
                "");
    }

    private ScrubStatus describe(ScrubPass of, ScrubStatus.State state) {
        return new ScrubStatus(
                state,
                of.startedSeconds(),
                now(),
                of.tally().verifiedBlocks(),
                totalBlocks(),
                of.tally().repairedCount(),
                of.tally().lostCount(),
                of.tally().lost(),
                failure);
    }

    private long totalBlocks() {
        Superblock superblock = store.state().superblock();
        return superblock.dataBlocks() + superblock.metadataBlocks();
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    // ---- the thread

    private void run(ScrubPass started, long bytesPerSecond) {
        String ended = "";
        try {
            scrub(started, bytesPerSecond);
        } catch (IOException | RuntimeException | Error failed) {
            // whatever it is: who waits for the end gets one
            ended = failed.getMessage() == null ? failed.toString() : failed.getMessage();
            LOG.log(System.Logger.Level.ERROR, "the scrub ended early: {0}", ended);
        }
        synchronized (this) {
            failure = ended;
            worker = null;
            notifyAll();
        }
    }

    private void scrub(ScrubPass started, long bytesPerSecond) throws IOException {
        long stepBlocks =
                bytesPerSecond == 0
                        ? STEP_BLOCKS
                        : Math.clamp(bytesPerSecond / BLOCK_BYTES / 4, 1, STEP_BLOCKS);
        // what is read from here on shall tell of the medium
        store.device().forgetCached(0, store.device().sizeBytes());
        started.tally().addRepaired(store.mendSuperblocks());
        save(started);
        long saved = System.nanoTime();
        long begin = System.nanoTime();
        long read = 0;
        while (!stopping && !started.isFinished()) {
            read += started.step(stepBlocks);
            synchronized (this) {
                running = describe(started, ScrubStatus.State.RUNNING);
            }
            if (System.nanoTime() - saved > SAVE_INTERVAL_NANOS) {
                save(started);
                saved = System.nanoTime();
            }
            if (bytesPerSecond > 0) {
                double due = (double) read * BLOCK_BYTES / bytesPerSecond * 1e9;
                pause(begin + (long) due);
            }
        }
        save(started);
    }

    private synchronized void pause(long untilNanos) {
        for (long left = untilNanos - System.nanoTime();
                left > 0 && !stopping;
                left = untilNanos - System.nanoTime()) {
            try {
                wait(Math.max(1, left / 1_000_000));
            } catch (InterruptedException stop) {
                stopping = true;
            }
        }
    }

    // ---- what is kept in the root tree

    private record Saved(@Nullable ScrubItem item, List<ScrubDamageItem> damage) {}

    /// In one commit, whose flush makes the repairs durable that are counted here.
    private void save(ScrubPass of) throws IOException {
        ScrubItem item = of.toItem(now());
        List<ScrubDamageItem> damage = of.tally().lost();
        store.submit(
                SpaceClaim.FREEING, damage.size() + 2, context -> write(context, item, damage));
    }

    private static void write(CommitContext context, ScrubItem item, List<ScrubDamageItem> damage)
            throws IOException {
        BTree rootTree = context.rootTree();
        int kind = ItemKind.SCRUB_DAMAGE.number();
        List<Long> old = new ArrayList<>();
        Cursor cursor = rootTree.cursor();
        for (boolean more = cursor.seek(0, kind, 0);
                more && cursor.inode() == 0 && cursor.kind() == kind;
                more = cursor.next()) {
            old.add(cursor.offset());
        }
        for (long number : old) {
            if (number > damage.size()) {
                rootTree.remove(0, kind, number);
            }
        }
        for (int i = 0; i < damage.size(); i++) {
            rootTree.put(0, kind, i + 1L, damage.get(i).toBytes());
        }
        rootTree.put(0, ItemKind.SCRUB.number(), 0, item.toBytes());
    }

    private Saved load() throws IOException {
        long epoch = store.epochs().enter();
        try {
            BTree rootTree = store.rootTreeOf(store.state());
            Cursor cursor = rootTree.cursor();
            if (!rootTree.find(cursor, 0, ItemKind.SCRUB.number(), 0)) {
                return new Saved(null, List.of());
            }
            ScrubItem item =
                    ScrubItem.readFrom(cursor.page(), cursor.position(), cursor.lengthBytes());
            List<ScrubDamageItem> damage = new ArrayList<>();
            int kind = ItemKind.SCRUB_DAMAGE.number();
            for (boolean more = cursor.seek(0, kind, 0);
                    more && cursor.inode() == 0 && cursor.kind() == kind;
                    more = cursor.next()) {
                damage.add(
                        ScrubDamageItem.readFrom(
                                cursor.page(), cursor.position(), cursor.lengthBytes()));
            }
            return new Saved(item, List.copyOf(damage));
        } finally {
            store.epochs().leave(epoch);
        }
    }
}
