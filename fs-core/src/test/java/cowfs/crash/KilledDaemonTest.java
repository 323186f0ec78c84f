package cowfs.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.CheckReport;
import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.BlockDevice;
import cowfs.device.CrashDevice;
import cowfs.device.CutPolicy;
import cowfs.device.DeviceEvent;
import cowfs.device.DeviceEvent.Flush;
import cowfs.device.DeviceEvent.Write;
import cowfs.device.DeviceOperation;
import cowfs.device.FaultDevice;
import cowfs.device.KillDevice;
import cowfs.device.MemoryDevice;
import cowfs.device.StaleCacheDevice;
import cowfs.error.PoolFailedException;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.format.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What lies in the host's page cache when a daemon dies or a flush fails: the next opener sees it,
/// and a later power cut must not take away what that one relied on.
final class KilledDaemonTest {
    private static final int ROUNDS = 5;

    private static MemoryDevice image(int copies) throws IOException {
        MemoryDevice device = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
        Images.format(
                device, new FormatOptions(FormatOptions.MIN_SIZE_BYTES, 4096, copies, "kill"));
        try (Pool pool = Images.open(device, Recording.OPTIONS)) {
            Operation.fill(pool);
        }
        return device.copy();
    }

    /// Overwrites a file again and again, and makes each of it durable: each commit frees what the
    /// one before last wrote, and takes it again.
    ///
    /// @param states gets the state before, and the one after each acknowledged round
    private static void work(Pool pool, long seed, List<String> states) throws IOException {
        Random random = new Random(seed);
        states.add(PoolText.of(pool));
        Volume main = pool.volume(Ref.MAIN);
        for (int i = 0; i < ROUNDS; i++) {
            byte[] content = new byte[12_288];
            random.nextBytes(content);
            long file = Operation.find(main, "a");
            main.write(file, 0, ByteBuffer.wrap(content));
            states.add(PoolText.of(pool));
            main.fsync(file, true);
        }
    }

    private static String text(BlockDevice device) throws IOException {
        try (Pool pool = Images.open(device, Recording.OPTIONS)) {
            return PoolText.of(pool);
        }
    }

    private static String open(MemoryDevice medium) throws IOException {
        String state = text(medium);
        CheckReport report = Images.check(medium.copy(), (done, total) -> {});
        assertEquals(List.of(), report.findings());
        return state;
    }

    /// Kills a first user after so many calls, lets a second one work on what the host has, and
    /// cuts the power at every event of the second one.
    ///
    /// @return whether the first one was killed before it was done
    private static boolean killThenCut(int calls, int copies) throws IOException {
        CrashDevice disk = new CrashDevice(image(copies));
        KillDevice first = new KillDevice(disk, calls);
        List<String> before = new ArrayList<>();
        killed(first, before);
        if (!first.isKilled()) {
            return false;
        }
        List<String> states = new ArrayList<>();
        List<Integer> acknowledged = new ArrayList<>();
        disk.flush(); // as FileDevice does when it opens a file
        int opened = disk.eventCount();
        try (Pool second = Images.open(disk, Recording.OPTIONS)) {
            states.add(PoolText.of(second));
            assertTrue(before.contains(states.getFirst()), "a state that never was");
            acknowledged.add(disk.eventCount());
            Random random = new Random(calls);
            Volume main = second.volume(Ref.MAIN);
            for (int i = 0; i < ROUNDS; i++) {
                byte[] content = new byte[12_288];
                random.nextBytes(content);
                long file = Operation.find(main, "a");
                main.write(file, 0, ByteBuffer.wrap(content));
                states.add(PoolText.of(second));
                main.fsync(file, true);
                acknowledged.add(disk.eventCount());
            }
        }
        for (int event = opened; event <= disk.eventCount(); event++) {
            int least = 0;
            while (least + 1 < acknowledged.size() && acknowledged.get(least + 1) <= event) {
                least++;
            }
            for (CutPolicy policy : CutPolicy.forUnflushed(disk.unflushedCount(event), event, 1)) {
                String found = open(disk.cut(event, policy));
                assertTrue(
                        states.subList(least, Math.min(states.size(), least + 2)).contains(found),
                        () ->
                                "killed after "
                                        + calls
                                        + " calls, then cut with "
                                        + policy
                                        + ":\n"
                                        + found);
            }
        }
        return true;
    }

    private static void killed(KillDevice device, List<String> states) throws IOException {
        try (Pool pool = Images.open(device, Recording.OPTIONS)) {
            work(pool, 1, states);
        } catch (IOException killed) {
            assertTrue(device.isKilled(), String.valueOf(killed));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aPowerCutAfterAKillAndAReopenLosesNothingThatTheSecondUserSaw(int copies)
            throws IOException {
        int calls = 0;
        while (killThenCut(calls, copies)) {
            calls++;
        }
        assertTrue(calls > 20, "hardly anything was killed");
    }

    /// The test of this test: a large commit is sealed, so the next opener takes it for durable,
    /// and takes what it freed. Its superblock had better be durable then.
    @Test
    void aSecondUserThatDoesNotFlushFirstIsFound() throws IOException {
        CrashDevice whole = new CrashDevice(image(1));
        Pool pool = commitSealed(whole);
        int last = whole.eventCount();
        while (!(whole.event(last - 1) instanceof Flush)) {
            last--;
        }
        pool.close();
        int calls = last - 1;
        sealedThenCut(calls, true);
        assertThrows(Throwable.class, () -> sealedThenCut(calls, false));
    }

    /// Leaves the device as the sealed commit of a few mebibytes does; the pool stays open.
    private static Pool commitSealed(BlockDevice device) throws IOException {
        Pool pool = Images.open(device, Recording.OPTIONS);
        work(pool, 1, new ArrayList<>());
        fill(pool, "large", 5);
        Operation.named("overwrite-all").body().on(pool);
        try {
            pool.sync();
        } catch (PoolFailedException killed) {
            assertTrue(device instanceof KillDevice dead && dead.isKilled(), killed.toString());
        }
        return pool;
    }

    private static void fill(Pool pool, String name, int mebibytes) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        long file = main.create(Volume.ROOT_INODE, bytes, NewInode.regular(0600, 0, 0)).inode();
        for (int i = 0; i < mebibytes; i++) {
            byte[] content = new byte[1 << 20];
            new Random(i).nextBytes(content);
            main.write(file, (long) i << 20, ByteBuffer.wrap(content));
        }
    }

    private static void sealedThenCut(int calls, boolean flushFirst) throws IOException {
        CrashDevice disk = new CrashDevice(image(1));
        KillDevice first = new KillDevice(disk, calls);
        commitSealed(first).close();
        assertTrue(first.isKilled());
        if (flushFirst) {
            disk.flush();
        }
        try (Pool second = Images.open(disk, Recording.OPTIONS)) {
            String opened = PoolText.of(second);
            long free = second.info().freeBytes();
            fill(second, "more", (int) (free >> 20) - 1);
            // nothing of that is made durable: what was opened must still be there
            int end = disk.eventCount();
            assertEquals(opened, open(disk.cut(end, new CutPolicy.DropUnflushed())));
            MemoryDevice medium = disk.cut(end, new CutPolicy.DropUnflushed());
            for (DeviceEvent event : disk.unflushed(end)) {
                if (event instanceof Write write && !Superblock.hasMagic(write.content())) {
                    event.applyTo(medium);
                }
            }
            assertEquals(opened, open(medium));
        }
    }

    /// Makes a flush fail, and opens the image again on what the host shows then: all that was
    /// written, though only a part of it reached the medium and the next flush says nothing of the
    /// rest.
    ///
    /// @param forgets whether the host reads from the medium again when it is told to
    /// @return whether a flush failed
    private static boolean openOnStalePages(int flush, boolean forgets) throws IOException {
        CrashDevice disk = new CrashDevice(image(2));
        FaultDevice device = new FaultDevice(disk);
        device.fail(DeviceOperation.FLUSH, flush);
        List<String> states = new ArrayList<>();
        try (Pool pool = Images.open(device, Recording.OPTIONS)) {
            work(pool, 7, states);
        } catch (PoolFailedException met) {
            int end = disk.eventCount();
            for (CutPolicy policy : CutPolicy.forUnflushed(disk.unflushedCount(end), flush, 3)) {
                MemoryDevice medium = disk.cut(end, policy);
                BlockDevice host = new StaleCacheDevice(medium, disk.unflushed(end));
                BlockDevice shown = forgets ? host : new DeafDevice(host);
                String found = text(shown);
                assertTrue(
                        states.subList(states.size() - 2, states.size()).contains(found),
                        "flush " + flush + " with " + policy + ":\n" + found);
                assertEquals(found, open(medium), "flush " + flush + " with " + policy);
            }
            return true;
        }
        return false;
    }

    @Test
    void whatOnlyTheHostsMemoryHasAfterAFailedFlushIsNotReliedOn() throws IOException {
        int failed = 0;
        while (openOnStalePages(failed + 1, true)) {
            failed++;
        }
        assertEquals(ROUNDS + 1, failed, "one for each commit, and that of the close");
    }

    /// The test of this test.
    @Test
    void aUserThatDoesNotReadFromTheMediumIsFound() {
        assertThrows(Throwable.class, () -> openOnStalePages(ROUNDS, false));
    }

    /// A host that goes on showing what it remembers.
    private record DeafDevice(BlockDevice host) implements BlockDevice {
        @Override
        public long sizeBytes() {
            return host.sizeBytes();
        }

        @Override
        public void read(long position, ByteBuffer target) throws IOException {
            host.read(position, target);
        }

        @Override
        public void write(long position, ByteBuffer source) throws IOException {
            host.write(position, source);
        }

        @Override
        public void flush() throws IOException {
            host.flush();
        }

        @Override
        public void discard(long position, long lengthBytes) throws IOException {
            host.discard(position, lengthBytes);
        }

        @Override
        public void close() throws IOException {
            host.close();
        }
    }

    /// After a failed flush the host may call pages clean that it never wrote: the next flush
    /// succeeds and says nothing about them. The pool then reads from the medium.
    @Test
    void aFailedFlushWhosePagesTheHostCallsCleanLosesNothingAcknowledged() throws IOException {
        int failed = 0;
        for (int flush = 1; ; flush++) {
            CrashDevice disk = new CrashDevice(image(2));
            FaultDevice device = new FaultDevice(disk);
            device.fail(DeviceOperation.FLUSH, flush);
            List<String> states = new ArrayList<>();
            Pool pool = Images.open(device, Recording.OPTIONS);
            boolean met = false;
            try {
                work(pool, 7, states);
            } catch (PoolFailedException expected) {
                met = true;
                int events = disk.eventCount();
                Volume main = pool.volume(Ref.MAIN);
                long file = Operation.find(main, "a");
                assertThrows(PoolFailedException.class, () -> main.fsync(file, false));
                assertThrows(PoolFailedException.class, pool::sync);
                assertEquals(events, disk.eventCount(), "a failed pool writes nothing more");
            }
            if (!met) {
                break;
            }
            failed++;
            pool.close();
            int end = disk.eventCount();
            for (CutPolicy policy : CutPolicy.forUnflushed(disk.unflushedCount(end), flush, 3)) {
                String found = open(disk.cut(end, policy));
                assertTrue(
                        states.subList(states.size() - 2, states.size()).contains(found),
                        "flush " + flush + " with " + policy + ":\n" + found);
            }
        }
        assertEquals(ROUNDS, failed);
    }
}
