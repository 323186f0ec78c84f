package cowfs.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.CheckReport;
import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.CrashDevice;
import cowfs.device.CutPolicy;
import cowfs.device.CutPolicy.Exactly;
import cowfs.device.DeviceEvent.Write;
import cowfs.device.MemoryDevice;
import cowfs.file.Volume;
import cowfs.format.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The adversary of the commit with one flush: its superblock is durable, and of what it rests on,
/// nodes and file data, any part is missing.
final class OneFlushCommitTest {
    private static final int BLOCK = 4096;
    private static final int SECTOR = 512;

    private CrashDevice disk;
    private String before;
    private String after;
    private List<Write> writes;

    /// Leaves a commit of new data and nodes that was not flushed.
    private void commit(int copies) throws IOException {
        MemoryDevice image = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
        Images.format(image, new FormatOptions(FormatOptions.MIN_SIZE_BYTES, 4096, copies, "one"));
        try (Pool pool = Images.open(image, Recording.OPTIONS)) {
            Operation.fill(pool);
        }
        disk = new CrashDevice(image);
        Pool pool = Images.open(disk, Recording.OPTIONS);
        before = PoolText.of(pool);
        Operation.named("append").body().on(pool);
        Operation.named("write-hole").body().on(pool);
        Operation.named("rename-directory").body().on(pool);
        after = PoolText.of(pool);
        Volume main = pool.volume(Ref.MAIN);
        main.fsync(Volume.ROOT_INODE, false);
        int flush = disk.eventCount();
        writes = new ArrayList<>();
        disk.unflushed(flush - 1).forEach(event -> writes.add((Write) event));
        pool.close();
    }

    @BeforeEach
    void forget() {
        writes = List.of();
    }

    private boolean isSuperblock(int write) {
        return Superblock.hasMagic(writes.get(write).content());
    }

    /// Whether each block of nodes is there in one copy at least, and all data.
    private boolean isComplete(long mask) {
        for (int i = 0; i < writes.size(); i++) {
            if (!isSuperblock(i) && (mask >>> i & 1) == 0 && !isElsewhere(writes.get(i), mask)) {
                return false;
            }
        }
        return true;
    }

    private boolean isElsewhere(Write missing, long mask) {
        for (int at = 0; at < missing.content().length; at += BLOCK) {
            byte[] block = Arrays.copyOfRange(missing.content(), at, at + BLOCK);
            boolean found = false;
            for (int i = 0; i < writes.size(); i++) {
                if ((mask >>> i & 1) != 0) {
                    byte[] content = writes.get(i).content();
                    for (int from = 0; from < content.length; from += BLOCK) {
                        found |= Arrays.equals(block, 0, BLOCK, content, from, from + BLOCK);
                    }
                }
            }
            if (!found) {
                return false;
            }
        }
        return true;
    }

    private void requireState(boolean complete, MemoryDevice medium, String what)
            throws IOException {
        try (Pool pool = Images.open(medium, Recording.OPTIONS)) {
            assertEquals(complete ? after : before, PoolText.of(pool), what);
            assertEquals(complete, pool.info().recoveryNote().isEmpty(), "announced: " + what);
        }
        CheckReport report = Images.check(medium.copy(), (done, total) -> {});
        assertEquals(List.of(), report.findings(), what);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anySubsetOfTheRunsMissingGivesTheStateBeforeOrAWholeOne(int copies) throws IOException {
        commit(copies);
        assertTrue(writes.size() >= 4 && writes.size() < 14, writes.toString());
        int whole = 0;
        int back = 0;
        for (long mask = 0; mask < 1L << writes.size(); mask++) {
            long superblocks = 0;
            for (int i = 0; i < writes.size(); i++) {
                superblocks += isSuperblock(i) ? mask >>> i & 1 : 0;
            }
            if (superblocks > 0) {
                MemoryDevice medium = disk.cut(flushEvent(), new Exactly(mask));
                boolean complete = isComplete(mask);
                requireState(complete, medium, writes + " mask " + Long.toBinaryString(mask));
                whole += complete ? 1 : 0;
                back += complete ? 0 : 1;
            }
        }
        assertTrue(whole >= 3 && back > 8, whole + " whole, " + back + " back");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anySectorOfARunMissingGivesTheStateBeforeOrItsCopy(int copies) throws IOException {
        commit(copies);
        int all = (1 << writes.size()) - 1;
        for (int i = 0; i < writes.size(); i++) {
            for (int at = 0; at < writes.get(i).content().length; at += SECTOR) {
                MemoryDevice medium = disk.cut(flushEvent(), new CutPolicy.KeepAll());
                MemoryDevice without = disk.cut(flushEvent(), new Exactly(all & ~(1L << i)));
                byte[] old = new byte[SECTOR];
                long position = writes.get(i).position() + at;
                without.read(position, ByteBuffer.wrap(old));
                boolean same =
                        Arrays.equals(old, 0, SECTOR, writes.get(i).content(), at, at + SECTOR);
                medium.write(position, ByteBuffer.wrap(old));
                boolean complete = same || isSuperblock(i) || isComplete(all & ~(1L << i));
                requireState(complete, medium, writes.get(i) + " without its sector at " + at);
            }
        }
    }

    /// The event before the flush of the commit.
    private int flushEvent() {
        for (int event = disk.eventCount(); event > 0; event--) {
            if (disk.unflushed(event).equals(writes)) {
                return event;
            }
        }
        throw new AssertionError("the commit was not recorded");
    }
}
