package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.BlockDevice;
import cowfs.device.CrashDevice;
import cowfs.device.CutPolicy;
import cowfs.device.MemoryDevice;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/// A random workload on a recording device, together with what each of its transaction groups holds
/// and which of them had been acknowledged when; and the check of a power cut against that.
///
/// ```
///   events   w w w f w w w f w w | cut
///   acks             5       6         group 6 must be there, 7 may be, nothing else can
/// ```
final class CrashRecording {
    private static final long FIRST = TreeId.FIRST_SUBVOLUME;

    private final long seed;
    private final CrashDevice device;
    private final TreeMap<Long, SortedMap<Long, SortedMap<ItemKey, ByteBuffer>>> history =
            new TreeMap<>();
    private final TreeMap<Integer, Long> acknowledged = new TreeMap<>();
    private final Random random;
    private final List<Long> live = new ArrayList<>(List.of(FIRST, FIRST + 1));
    private final List<Long> snapshots = new ArrayList<>();
    private PoolStore store;
    private Workload work;

    private CrashRecording(TestPool.Shape shape, long seed, int ignoredFlush) throws IOException {
        this.seed = seed;
        this.random = new Random(seed);
        MemoryDevice image = TestPool.image(shape, live.size());
        history.put(1L, emptyModels());
        device = new CrashDevice(image);
        if (ignoredFlush > 0) {
            device.ignoreFlush(ignoredFlush);
        }
        acknowledged.put(0, 1L);
        store = PoolStore.open(device, TestPool.OPTIONS);
        work = new Workload(store, seed).withExtentsUpTo(6);
        live.forEach(work::addTree);
        note(store.state().txg(), work.models());
    }

    private SortedMap<Long, SortedMap<ItemKey, ByteBuffer>> emptyModels() {
        TreeMap<Long, SortedMap<ItemKey, ByteBuffer>> models = new TreeMap<>();
        live.forEach(id -> models.put(id, new TreeMap<>()));
        return models;
    }

    /// Records a workload; the pool is left open, as a power cut leaves it.
    ///
    /// @param ignoredFlush the flush that the device lies about, 0 for none
    static CrashRecording record(TestPool.Shape shape, long seed, int steps, int ignoredFlush)
            throws IOException {
        CrashRecording recording = new CrashRecording(shape, seed, ignoredFlush);
        for (int i = 0; i < steps; i++) {
            recording.step();
        }
        return recording;
    }

    CrashDevice device() {
        return device;
    }

    private void note(long txg, SortedMap<Long, SortedMap<ItemKey, ByteBuffer>> models) {
        history.put(txg, models);
        acknowledged.put(device.eventCount(), txg);
    }

    private void step() throws IOException {
        var before = work.models();
        long from = store.state().txg();
        int dice = random.nextInt(100);
        boolean whole = true; // whether the group that this step commits holds the step itself
        if (dice < 62) {
            work.change(live.get(random.nextInt(live.size())));
            whole = false;
        } else if (dice < 78) {
            TestPool.tree(store, live.get(random.nextInt(live.size()))).sync();
        } else if (dice < 82) {
            store.groups().forceFreesBack();
        } else if (dice < 86) {
            store.discardUnused();
        } else if (dice < 91 && snapshots.size() < 3) {
            long source = live.get(random.nextInt(live.size()));
            long id = TestPool.snapshot(store, source);
            work.addTree(id, work.model(source));
            snapshots.add(id);
        } else if (dice < 93 && live.size() < 4) {
            long source = live.get(random.nextInt(live.size()));
            long id = TestPool.cloneOf(store, source);
            work.addTree(id, work.model(source));
            live.add(id);
        } else if (dice < 97 && !snapshots.isEmpty()) {
            delete(snapshots.remove(0));
        } else if (dice < 98 && live.size() > 2) {
            delete(live.remove(0));
        } else if (dice == 99) {
            reopen();
        }
        var after = work.models();
        long to = store.state().txg();
        for (long txg = from + 1; txg <= to; txg++) {
            history.put(txg, whole && txg == to ? after : before);
        }
        acknowledged.put(device.eventCount(), to);
    }

    private void delete(long id) throws IOException {
        TestPool.delete(store, id);
        work.removeTree(id);
    }

    private void reopen() throws IOException {
        store.close();
        for (long txg = store.state().txg(); txg <= newest(device).txg(); txg++) {
            history.put(txg, work.models());
        }
        store = PoolStore.open(device, TestPool.OPTIONS);
        work = work.on(store);
    }

    private static Superblock newest(BlockDevice device) throws IOException {
        return new SuperblockRing(device).find().getFirst();
    }

    /// Checks cuts at every `stride`-th event, each with several fates of what was not flushed.
    ///
    /// @return how many cuts were checked
    int checkCuts(int stride, int sampledEach) {
        int checked = 0;
        for (int event = 0; event <= device.eventCount(); event += stride) {
            int unflushed = device.unflushedCount(event);
            for (CutPolicy policy : CutPolicy.forUnflushed(unflushed, seed + event, sampledEach)) {
                check(event, policy, checked % 5 == 0, checked % 20 == 0);
                checked++;
            }
        }
        return checked;
    }

    private void check(int event, CutPolicy policy, boolean goOn, boolean cutRecovery) {
        try {
            MemoryDevice medium = device.cut(event, policy);
            long least = acknowledged.floorEntry(event).getValue();
            MemoryDevice first = medium.copy();
            Superblock chosen = chosen(first);
            assertTrue(
                    chosen.txg() >= least,
                    "group " + least + " was acknowledged, found group " + chosen.txg());
            var models = history.get(chosen.txg());
            assertNotNull(models, "group " + chosen.txg() + " was never committed");
            checkOpen(first, models, goOn);
            if (cutRecovery) {
                CrashDevice recovering = new CrashDevice(medium);
                PoolStore.open(recovering, TestPool.OPTIONS);
                for (int again = 0; again <= recovering.eventCount(); again++) {
                    int unflushed = recovering.unflushedCount(again);
                    for (CutPolicy inner : CutPolicy.forUnflushed(unflushed, seed + again, 1)) {
                        // under whatever number: recovery may have sealed the state under the next
                        checkOpen(recovering.cut(again, inner), models, false);
                    }
                }
            }
        } catch (IOException | RuntimeException | AssertionError failed) {
            throw new AssertionError(
                    "seed " + seed + ", cut at event " + event + " with " + policy, failed);
        }
    }

    private static Superblock chosen(BlockDevice medium) throws IOException {
        return Recovery.choose(medium, new SuperblockRing(medium).find()).superblock();
    }

    /// Opens an image after a cut and compares it with what it should hold.
    private void checkOpen(
            MemoryDevice medium,
            SortedMap<Long, SortedMap<ItemKey, ByteBuffer>> models,
            boolean goOn)
            throws IOException {
        long newestBefore = newest(medium).txg();
        Superblock chosen = chosen(medium);
        assertTrue(chosen.txg() >= newestBefore - 1, "went back more than one group");
        PoolStore reopened = PoolStore.open(medium, TestPool.OPTIONS);
        Superblock sealed = newest(medium);
        assertTrue(sealed.sealed(), "nothing may be reused before the state is sealed");
        String note = reopened.recoveryNote();
        if (chosen.txg() != newestBefore) {
            assertNotEquals("", note, "a fallback is announced");
        } else if (!note.isEmpty()) {
            // both copies of the next superblock are torn: nobody can know what it said
            assertTrue(note.startsWith("no copy of the superblock of transaction group "), note);
        }
        assertTrue(
                sealed.txg() > newestBefore || sealed.equals(chosen), "a txg number is used again");
        ImageAudit audit = ImageAudit.of(medium, sealed, false);
        assertEquals(models, audit.contents(), "content of group " + chosen.txg());
        if (goOn) {
            goOn(medium, reopened, models);
        }
    }

    private void goOn(
            MemoryDevice medium,
            PoolStore reopened,
            SortedMap<Long, SortedMap<ItemKey, ByteBuffer>> models)
            throws IOException {
        Workload next = new Workload(reopened, seed);
        models.forEach(next::addTree);
        for (long id : models.keySet()) {
            if (!TestPool.tree(reopened, id).readOnly()) {
                for (int i = 0; i < 4; i++) {
                    next.change(id);
                }
                reopened.sync();
            }
        }
        reopened.close();
        PoolStore last = PoolStore.open(medium, TestPool.OPTIONS);
        assertEquals("", last.recoveryNote());
        last.close();
        assertEquals(
                next.models(), ImageAudit.of(medium, newest(medium), false).contents(), "later");
    }
}
