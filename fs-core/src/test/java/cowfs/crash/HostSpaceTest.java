package cowfs.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.CheckReport;
import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.BlockDevice;
import cowfs.device.CrashDevice;
import cowfs.device.CutPolicy;
import cowfs.device.DeviceOperation;
import cowfs.device.FaultDevice;
import cowfs.device.MemoryDevice;
import cowfs.device.SparseDevice;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Small commits in a row on a device that is sparse.
final class HostSpaceTest {
    private static final int COMMITS = 60;

    /// Small commits after which nothing is prepared yet.
    private static final int BEFORE_BUSY = 7;

    private static MemoryDevice image() throws IOException {
        MemoryDevice device = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
        Images.format(device, new FormatOptions(FormatOptions.MIN_SIZE_BYTES, 4096, 2, "sparse"));
        return device;
    }

    private static void append(Pool pool, int round) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        byte[] name = "log".getBytes(StandardCharsets.US_ASCII);
        long file =
                round == 0
                        ? main.create(Volume.ROOT_INODE, name, NewInode.regular(0600, 0, 0)).inode()
                        : Operation.find(main, "log");
        byte[] content = new byte[4096];
        new Random(round).nextBytes(content);
        main.write(file, 4096L * round, ByteBuffer.wrap(content));
        main.fsync(file, true);
    }

    private static int holeWrites(BlockDevice target, boolean tells) throws IOException {
        SparseDevice sparse = new SparseDevice(target);
        BlockDevice device = tells ? sparse : new FaultDevice(sparse);
        try (Pool pool = Images.open(device, Recording.OPTIONS)) {
            int before = sparse.holeWrites();
            for (int round = 0; round < COMMITS; round++) {
                append(pool, round);
            }
            return sparse.holeWrites() - before;
        }
    }

    @Test
    void fewCommitsWriteWhereTheHostHasNoSpace() throws IOException {
        int unprepared = holeWrites(image(), false);
        int prepared = holeWrites(image(), true);
        // superblock slots, and the commits before it is worth it
        assertTrue(prepared <= 2 * 32 + 5 * (BEFORE_BUSY + 1), "prepared: " + prepared);
        assertTrue(unprepared - prepared >= 2 * COMMITS, unprepared + " against " + prepared);
    }

    @Test
    void whatIsPreparedIsStillFree() throws IOException {
        MemoryDevice plain = image();
        MemoryDevice sparse = image();
        assertEquals(freeAfterCommits(plain), freeAfterCommits(new SparseDevice(sparse)));
        CheckReport report = Images.check(sparse.copy(), (done, total) -> {});
        assertEquals(List.of(), report.findings());
    }

    private static long freeAfterCommits(BlockDevice device) throws IOException {
        try (Pool pool = Images.open(device, Recording.OPTIONS)) {
            for (int round = 0; round < 20; round++) {
                append(pool, round);
            }
            return pool.info().freeBytes();
        }
    }

    @Test
    void aHostThatHasNoRoomForZerosTakesTheCommitsAllTheSame() throws IOException {
        for (int write = 1; !refusesZeros(write); write++) {
            assertTrue(write < 100, "no zeros were written");
        }
    }

    /// Makes one write of the second commit fail.
    ///
    /// @return whether that was one of zeros, the first of them
    private static boolean refusesZeros(int write) throws IOException {
        FaultDevice faulty = new FaultDevice(image());
        SparseDevice sparse = new SparseDevice(faulty);
        Pool pool = Images.open(sparse, Recording.OPTIONS);
        for (int round = 0; round < BEFORE_BUSY; round++) {
            append(pool, round);
        }
        assertEquals(0, sparse.zeroWrites(), "not before it is worth it");
        faulty.fail(DeviceOperation.WRITE, write);
        try {
            append(pool, BEFORE_BUSY);
        } catch (IOException needed) {
            pool.close();
            return false;
        }
        append(pool, BEFORE_BUSY + 1);
        assertEquals(0, sparse.zeroWrites(), "the host is asked no more");
        pool.close();
        return true;
    }

    @Test
    void aPowerCutAmongZerosTakesNothingAway() throws IOException {
        CrashDevice disk = new CrashDevice(image());
        List<String> states = new ArrayList<>();
        List<Integer> acknowledged = new ArrayList<>();
        try (Pool pool = Images.open(new SparseDevice(disk), Recording.OPTIONS)) {
            for (int round = 0; round < 12; round++) {
                append(pool, round);
                states.add(PoolText.of(pool));
                acknowledged.add(disk.eventCount());
            }
        }
        for (int event = acknowledged.getFirst(); event <= disk.eventCount(); event++) {
            int least = 0;
            while (least + 1 < acknowledged.size() && acknowledged.get(least + 1) <= event) {
                least++;
            }
            for (CutPolicy policy : CutPolicy.forUnflushed(disk.unflushedCount(event), event, 2)) {
                MemoryDevice medium = disk.cut(event, policy);
                String found;
                try (Pool pool = Images.open(medium, Recording.OPTIONS)) {
                    found = PoolText.of(pool);
                }
                assertTrue(
                        states.subList(least, Math.min(states.size(), least + 2)).contains(found),
                        "event " + event + " with " + policy + ":\n" + found);
                assertEquals(
                        List.of(), Images.check(medium.copy(), (done, total) -> {}).findings());
            }
        }
    }
}
