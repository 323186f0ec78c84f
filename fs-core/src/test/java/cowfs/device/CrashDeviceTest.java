package cowfs.device;

import static cowfs.device.BlockDeviceContract.bytes;
import static cowfs.device.BlockDeviceContract.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.CutPolicy.DropUnflushed;
import cowfs.device.CutPolicy.Exactly;
import cowfs.device.CutPolicy.KeepAll;
import cowfs.device.CutPolicy.TornLast;
import cowfs.device.DeviceEvent.Discard;
import cowfs.device.DeviceEvent.Flush;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CrashDeviceTest implements BlockDeviceContract {
    private static final int SIZE = 64 * 4096;

    private final CrashDevice device = new CrashDevice(new MemoryDevice(SIZE));

    @Override
    public BlockDevice newDevice(long sizeBytes) {
        return new CrashDevice(new MemoryDevice(sizeBytes));
    }

    @Test
    void aFlushedWriteSurvivesEveryCutAfterItsFlush() throws IOException {
        write(0, 7);
        device.flush();
        write(0, 1); // what it has replaced must not come back
        device.flush();
        int durable = device.eventCount();
        write(1, 2);
        write(2, 3);
        for (int cut = durable; cut <= device.eventCount(); cut++) {
            for (CutPolicy policy : CutPolicy.forUnflushed(device.unflushedCount(cut), cut, 5)) {
                assertBlock(1, device.cut(cut, policy), 0);
            }
        }
    }

    @Test
    void anUnflushedWriteIsThereOrNotAsThePolicySays() throws IOException {
        write(0, 1);
        write(1, 2);
        assertEquals(2, device.unflushedCount(2));
        MemoryDevice dropped = device.cut(2, new DropUnflushed());
        assertBlock(0, dropped, 0);
        assertBlock(0, dropped, 1);
        MemoryDevice kept = device.cut(2, new KeepAll());
        assertBlock(1, kept, 0);
        assertBlock(2, kept, 1);
        MemoryDevice newest = device.cut(2, new Exactly(0b10));
        assertBlock(0, newest, 0);
        assertBlock(2, newest, 1);
    }

    @Test
    void aCutKnowsNothingOfLaterEvents() throws IOException {
        write(0, 1);
        write(0, 2);
        device.flush();
        assertBlock(0, device.cut(0, new KeepAll()), 0);
        assertBlock(1, device.cut(1, new KeepAll()), 0);
        assertBlock(2, device.cut(2, new KeepAll()), 0);
        assertBlock(0, device.cut(2, new DropUnflushed()), 0);
        assertBlock(2, device.cut(3, new DropUnflushed()), 0);
    }

    @Test
    void aTornWriteMixesOldAndNewSectors() throws IOException {
        write(0, 1);
        device.flush();
        write(0, 2);
        boolean mixed = false;
        for (long seed = 0; seed < 50; seed++) {
            byte[] content = read(device.cut(3, new TornLast(seed)), 0, 4096);
            int fresh = 0;
            for (int at = 0; at < 4096; at += 512) {
                byte[] sector = Arrays.copyOfRange(content, at, at + 512);
                boolean isNew = Arrays.equals(sector, 0, 512, bytes(2, 4096), at, at + 512);
                boolean isOld = Arrays.equals(sector, 0, 512, bytes(1, 4096), at, at + 512);
                assertTrue(isNew || isOld, "seed " + seed);
                fresh += isNew ? 1 : 0;
            }
            mixed |= fresh > 0 && fresh < 8;
        }
        assertTrue(mixed);
    }

    @Test
    void anIgnoredFlushMakesNothingDurable() throws IOException {
        device.ignoreFlush(2);
        write(0, 1);
        device.flush();
        write(1, 2);
        device.flush();
        assertEquals(new Flush(false), device.event(3));
        MemoryDevice medium = device.cut(4, new DropUnflushed());
        assertBlock(1, medium, 0);
        assertBlock(0, medium, 1);
        device.flush();
        assertBlock(2, device.cut(5, new DropUnflushed()), 1);
    }

    @Test
    void aDiscardIsAnEventLikeAWrite() throws IOException {
        write(0, 1);
        device.flush();
        device.discard(0, 4096);
        assertEquals(new Discard(0, 4096), device.event(2));
        assertBlock(1, device.cut(3, new DropUnflushed()), 0);
        assertBlock(0, device.cut(3, new KeepAll()), 0);
        device.flush();
        assertBlock(0, device.cut(4, new DropUnflushed()), 0);
    }

    @Test
    void theInitialImageIsTheGroundOfEveryCutAndStaysAsItWas() throws IOException {
        MemoryDevice initial = new MemoryDevice(SIZE);
        initial.write(0, ByteBuffer.wrap(bytes(1, 4096)));
        CrashDevice crash = new CrashDevice(initial);
        crash.write(0, ByteBuffer.wrap(bytes(2, 4096)));
        MemoryDevice medium = crash.cut(1, new DropUnflushed());
        assertBlock(1, medium, 0);
        medium.write(0, ByteBuffer.wrap(bytes(3, 4096)));
        assertBlock(1, initial, 0);
        assertBlock(1, crash.cut(1, new DropUnflushed()), 0);
        assertBlock(2, crash.cut(1, new KeepAll()), 0);
    }

    @Test
    void aMediumCanCrashAgain() throws IOException {
        write(0, 1);
        device.flush();
        CrashDevice second = new CrashDevice(device.cut(2, new DropUnflushed()));
        second.write(4096, ByteBuffer.wrap(bytes(2, 4096)));
        MemoryDevice medium = second.cut(1, new DropUnflushed());
        assertBlock(1, medium, 0);
        assertBlock(0, medium, 1);
    }

    @Test
    void cutsCanBeMadeAfterCloseAndInAnyOrder() throws IOException {
        for (int i = 0; i < 5; i++) {
            write(0, i + 1);
            device.flush();
        }
        device.close();
        for (int cut : new int[] {10, 2, 6, 0, 8, 4}) {
            assertBlock(cut / 2, device.cut(cut, new DropUnflushed()), 0);
        }
    }

    @Test
    void forgettingKeepsTheNumbersOfLaterCuts() throws IOException {
        write(0, 1);
        device.flush();
        write(1, 2);
        device.flush();
        write(2, 3);
        device.forgetFlushed();
        assertEquals(4, device.firstCut());
        assertEquals(5, device.eventCount());
        MemoryDevice medium = device.cut(5, new DropUnflushed());
        assertBlock(1, medium, 0);
        assertBlock(2, medium, 1);
        assertBlock(0, medium, 2);
        assertBlock(3, device.cut(5, new KeepAll()), 2);
        assertThrows(IndexOutOfBoundsException.class, () -> device.cut(3, new KeepAll()));
        assertThrows(IndexOutOfBoundsException.class, () -> device.cut(6, new KeepAll()));
    }

    /// A redo log of one block: content, flush, commit mark, flush. Never a mark without its
    /// content.
    @Test
    void findsAMissingFlushInALogButNothingInACorrectOne() throws IOException {
        assertEquals(Set.of(), brokenCuts(new CrashDevice(new MemoryDevice(SIZE))));
        CrashDevice lying = new CrashDevice(new MemoryDevice(SIZE));
        lying.ignoreFlush(3);
        assertTrue(brokenCuts(lying).contains(7), "cut after the mark of the second record");
    }

    private static Set<Integer> brokenCuts(CrashDevice log) throws IOException {
        for (int record = 1; record <= 4; record++) {
            log.write(record * 4096L, ByteBuffer.wrap(bytes(record, 4096)));
            log.flush();
            log.write(record, ByteBuffer.wrap(new byte[] {1}));
            log.flush();
        }
        Set<Integer> broken = new HashSet<>();
        for (int cut = 0; cut <= log.eventCount(); cut++) {
            for (CutPolicy policy : CutPolicy.forUnflushed(log.unflushedCount(cut), cut, 10)) {
                MemoryDevice medium = log.cut(cut, policy);
                for (int record = 1; record <= 4; record++) {
                    boolean marked = read(medium, record, 1)[0] == 1;
                    byte[] content = read(medium, record * 4096L, 4096);
                    if (marked && !Arrays.equals(bytes(record, 4096), content)) {
                        broken.add(cut);
                    }
                }
            }
        }
        return broken;
    }

    @Test
    void keepingAllShowsExactlyWhatTheDeviceShowedThen() throws IOException {
        long seed = 77;
        Random random = new Random(seed);
        List<byte[]> seen = new ArrayList<>();
        seen.add(read(device, 0, SIZE));
        for (int step = 0; step < 200; step++) {
            int length = random.nextInt(10_000);
            int position = random.nextInt(SIZE - length);
            switch (random.nextInt(6)) {
                case 0 -> device.flush();
                case 1 -> device.discard(position, length);
                default -> device.write(position, ByteBuffer.wrap(bytes(step, length)));
            }
            seen.add(read(device, 0, SIZE));
        }
        for (int cut = 0; cut <= device.eventCount(); cut++) {
            byte[] medium = read(device.cut(cut, new KeepAll()), 0, SIZE);
            assertArrayEquals(seen.get(cut), medium, "seed " + seed + " cut " + cut);
        }
    }

    private void write(int block, long seed) throws IOException {
        device.write(block * 4096L, ByteBuffer.wrap(bytes(seed, 4096)));
    }

    /// Seed 0 stands for zeros.
    private static void assertBlock(long seed, BlockDevice medium, int block) throws IOException {
        byte[] expected = seed == 0 ? new byte[4096] : bytes(seed, 4096);
        assertArrayEquals(expected, read(medium, block * 4096L, 4096), "block " + block);
    }
}
