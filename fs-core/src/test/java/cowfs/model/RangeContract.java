package cowfs.model;

import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.SeekTarget;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Tests of allocate and of seeking data and holes.
public interface RangeContract extends VolumeFixture {
    static long data(Volume volume, long inode, long offset) throws IOException {
        return volume.seek(inode, offset, SeekTarget.DATA);
    }

    static long hole(Volume volume, long inode, long offset) throws IOException {
        return volume.seek(inode, offset, SeekTarget.HOLE);
    }

    /// A file of `blockCount` blocks of data.
    static long filled(Volume volume, String name, int blockCount) throws IOException {
        long inode = file(volume, name);
        write(volume, inode, 0, pattern(blockCount, blockCount * BLOCK));
        return inode;
    }

    @Test
    default void seekFindsDataAndHolesByTheBlock() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 10L * BLOCK, pattern(1, 2 * BLOCK));
        write(volume, f, 20L * BLOCK + 100, pattern(2, 10));
        volume.setAttributes(f, AttributeChange.ofSize(30L * BLOCK));
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            assertEquals(10 * BLOCK, data(each, f, 0));
            assertEquals(10 * BLOCK + 5, data(each, f, 10 * BLOCK + 5));
            assertEquals(12 * BLOCK, hole(each, f, 10 * BLOCK + 5));
            assertEquals(3, hole(each, f, 3));
            assertEquals(20 * BLOCK, data(each, f, 12 * BLOCK));
            assertEquals(21 * BLOCK, hole(each, f, 20 * BLOCK));
            assertEquals(21 * BLOCK + 1, hole(each, f, 21 * BLOCK + 1));
            Volume now = each;
            assertFails(ErrorKind.NO_SUCH_OFFSET, () -> data(now, f, 21 * BLOCK));
            assertFails(ErrorKind.NO_SUCH_OFFSET, () -> data(now, f, 30 * BLOCK));
            assertFails(ErrorKind.NO_SUCH_OFFSET, () -> hole(now, f, 30 * BLOCK));
        }
    }

    @Test
    default void theEndOfAFileIsAHole() throws IOException {
        Volume volume = volume();
        for (int length : new int[] {1, 100, 4096, 5000}) {
            long f = file(volume, "f" + length);
            write(volume, f, 0, pattern(1, length));
            assertEquals(0, data(volume, f, 0));
            assertEquals(length, hole(volume, f, 0));
            assertFails(ErrorKind.NO_SUCH_OFFSET, () -> hole(volume, f, length));
        }
        long empty = file(volume, "empty");
        assertFails(ErrorKind.NO_SUCH_OFFSET, () -> data(volume, empty, 0));
        assertFails(ErrorKind.NO_SUCH_OFFSET, () -> hole(volume, empty, 0));
    }

    @Test
    default void seekCrossesFarHoles() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 1L << 50, pattern(1, BLOCK));
        assertEquals(1L << 50, data(volume, f, 5));
        assertEquals((1L << 50) + BLOCK, hole(volume, f, 1L << 50));
    }

    @Test
    default void punchedRangesReadAsZeroAndTheSizeStays() throws IOException {
        Volume volume = volume();
        int[][] ranges = {
            {2 * BLOCK, 3 * BLOCK}, {100, 50}, {4000, 200}, {BLOCK + 1, 5 * BLOCK}, {0, 8 * BLOCK}
        };
        for (int[] range : ranges) {
            long f = filled(volume, "f" + range[0], 8);
            volume.allocate(f, AllocateMode.PUNCH_HOLE, range[0], range[1]);
            byte[] expected = pattern(8, 8 * BLOCK);
            Arrays.fill(expected, range[0], range[0] + range[1], (byte) 0);
            assertContent(volume, f, expected);
        }
        assertContent(reopen(), inodeOf(volume(), "f0"), new byte[8 * BLOCK]);
    }

    @Test
    default void aPunchMakesAHoleOfWholeBlocksAndFreesThem() throws IOException {
        Volume volume = volume();
        long f = filled(volume, "f", 100);
        long before = volume.getAttributes(f).blockCount();
        volume.allocate(f, AllocateMode.PUNCH_HOLE, 10 * BLOCK + 1, 50L * BLOCK);
        assertEquals(before - 49 * 8, volume.getAttributes(f).blockCount());
        assertEquals(11 * BLOCK, hole(volume, f, 0));
        assertEquals(60 * BLOCK, data(volume, f, 11 * BLOCK));
        assertEquals(100 * BLOCK, hole(volume, f, 60 * BLOCK));
    }

    @Test
    default void aPunchKeepsBothOfTwoShortPiecesAtItsEnds() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        byte[] piece = pattern(1, 100);
        write(volume, f, 0, piece);
        write(volume, f, 5L * BLOCK, piece);
        for (AllocateMode mode :
                new AllocateMode[] {AllocateMode.PUNCH_HOLE, AllocateMode.ZERO_RANGE}) {
            volume.allocate(f, mode, 50, 5L * BLOCK);
            byte[] expected = new byte[5 * BLOCK + 100];
            System.arraycopy(piece, 0, expected, 0, 50);
            System.arraycopy(piece, 50, expected, 5 * BLOCK + 50, 50);
            assertContent(volume, f, expected);
        }
    }

    @Test
    default void aPunchOfAnyNumberOfPiecesReachesToTheEndOfAShortLastBlock() throws IOException {
        Volume volume = volume();
        for (int pieceCount : new int[] {499, 500, 501, 1000}) {
            long f = file(volume, "f" + pieceCount);
            for (int i = 0; i <= pieceCount; i++) {
                write(volume, f, 2L * i * BLOCK, pattern(i, 10));
            }
            int size = 2 * pieceCount * BLOCK + 10;
            volume.allocate(f, AllocateMode.PUNCH_HOLE, 0, size);
            assertContent(volume, f, new byte[size]);
        }
    }

    @Test
    default void aPunchPastTheEndDoesNotGrowTheFile() throws IOException {
        Volume volume = volume();
        long f = filled(volume, "f", 4);
        volume.allocate(f, AllocateMode.PUNCH_HOLE, 2L * BLOCK, 1L << 40);
        volume.allocate(f, AllocateMode.PUNCH_HOLE, 100L * BLOCK, BLOCK);
        byte[] expected = pattern(4, 4 * BLOCK);
        Arrays.fill(expected, 2 * BLOCK, 4 * BLOCK, (byte) 0);
        assertContent(volume, f, expected);
        assertEquals(2 * BLOCK, hole(volume, f, 0));
    }

    @Test
    default void aPunchInASmallFileZeroesItsBytes() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 300));
        volume.allocate(f, AllocateMode.PUNCH_HOLE, 100, 100);
        byte[] expected = pattern(1, 300);
        Arrays.fill(expected, 100, 200, (byte) 0);
        assertContent(volume, f, expected);
        volume.allocate(f, AllocateMode.PUNCH_HOLE, 0, BLOCK);
        assertContent(volume, f, new byte[300]);
    }

    @Test
    default void allocatedSpaceIsAHoleUntilItIsWritten() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        volume.allocate(f, AllocateMode.ALLOCATE, 0, 16L * BLOCK);
        assertContent(volume, f, new byte[16 * BLOCK]);
        assertTrue(volume.getAttributes(f).blockCount() >= 16 * 8);
        assertFails(ErrorKind.NO_SUCH_OFFSET, () -> data(volume, f, 0));
        assertEquals(7, hole(volume, f, 7));
        write(volume, f, 5L * BLOCK + 10, pattern(1, 20));
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            assertEquals(5 * BLOCK, data(each, f, 0));
            assertEquals(6 * BLOCK, hole(each, f, 5 * BLOCK));
            byte[] expected = new byte[16 * BLOCK];
            System.arraycopy(pattern(1, 20), 0, expected, 5 * BLOCK + 10, 20);
            assertContent(each, f, expected);
            assertTrue(each.getAttributes(f).blockCount() >= 16 * 8);
        }
    }

    @Test
    default void allocatingKeepsWhatIsThereAndTheSizeIfAsked() throws IOException {
        Volume volume = volume();
        long f = filled(volume, "f", 2);
        write(volume, f, 6L * BLOCK, pattern(5, BLOCK));
        volume.allocate(f, AllocateMode.ALLOCATE_KEEP_SIZE, BLOCK, 20L * BLOCK);
        byte[] expected = Arrays.copyOf(pattern(2, 2 * BLOCK), 7 * BLOCK);
        System.arraycopy(pattern(5, BLOCK), 0, expected, 6 * BLOCK, BLOCK);
        assertContent(volume, f, expected);
        assertTrue(volume.getAttributes(f).blockCount() >= 21 * 8);
        volume.allocate(f, AllocateMode.ALLOCATE, 100, 7L * BLOCK);
        assertContent(volume, f, Arrays.copyOf(expected, 7 * BLOCK + 100));
        volume.setAttributes(f, AttributeChange.ofSize(21L * BLOCK));
        assertContent(reopen(), f, Arrays.copyOf(expected, 21 * BLOCK));
    }

    @Test
    default void allocatingPastASmallFileKeepsItsBytes() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 300));
        volume.allocate(f, AllocateMode.ALLOCATE, 0, 10_000);
        assertContent(volume, f, Arrays.copyOf(pattern(1, 300), 10_000));
        volume.allocate(f, AllocateMode.ALLOCATE_KEEP_SIZE, 0, 50_000);
        assertContent(reopen(), f, Arrays.copyOf(pattern(1, 300), 10_000));
    }

    @Test
    default void zeroedRangesReadAsZeroAndKeepTheirSpace() throws IOException {
        Volume volume = volume();
        long f = filled(volume, "f", 10);
        volume.allocate(f, AllocateMode.ZERO_RANGE, BLOCK + 7, 4L * BLOCK);
        byte[] expected = pattern(10, 10 * BLOCK);
        Arrays.fill(expected, BLOCK + 7, 5 * BLOCK + 7, (byte) 0);
        assertContent(volume, f, expected);
        assertTrue(volume.getAttributes(f).blockCount() >= 10 * 8);
        volume.allocate(f, AllocateMode.ZERO_RANGE_KEEP_SIZE, 9L * BLOCK, 5L * BLOCK);
        Arrays.fill(expected, 9 * BLOCK, 10 * BLOCK, (byte) 0);
        assertContent(volume, f, expected);
        volume.allocate(f, AllocateMode.ZERO_RANGE, 9L * BLOCK, 5L * BLOCK);
        assertContent(reopen(), f, Arrays.copyOf(expected, 14 * BLOCK));
    }

    @Test
    default void whatWasPunchedOrZeroedCanBeWrittenAgain() throws IOException {
        Volume volume = volume();
        long f = filled(volume, "f", 10);
        volume.allocate(f, AllocateMode.PUNCH_HOLE, 2L * BLOCK, 3L * BLOCK);
        volume.allocate(f, AllocateMode.ZERO_RANGE, 6L * BLOCK, 2L * BLOCK);
        write(volume, f, 3L * BLOCK - 5, pattern(77, 4 * BLOCK));
        byte[] expected = pattern(10, 10 * BLOCK);
        Arrays.fill(expected, 2 * BLOCK, 5 * BLOCK, (byte) 0);
        Arrays.fill(expected, 6 * BLOCK, 8 * BLOCK, (byte) 0);
        System.arraycopy(pattern(77, 4 * BLOCK), 0, expected, 3 * BLOCK - 5, 4 * BLOCK);
        assertContent(volume, f, expected);
        assertContent(reopen(), f, expected);
    }

    @Test
    default void rangesOutOfRangeAreRefused() throws IOException {
        Volume volume = volume();
        long f = filled(volume, "f", 1);
        for (AllocateMode mode : AllocateMode.values()) {
            assertFails(ErrorKind.INVALID, () -> volume.allocate(f, mode, 0, 0));
            assertFails(ErrorKind.INVALID, () -> volume.allocate(f, mode, 0, -1));
            assertFails(ErrorKind.INVALID, () -> volume.allocate(f, mode, -1, 10));
            assertFails(ErrorKind.IS_A_DIRECTORY, () -> volume.allocate(ROOT, mode, 0, 10));
            assertFails(
                    ErrorKind.FILE_TOO_LARGE,
                    () -> volume.allocate(f, mode, Long.MAX_VALUE - 5, 10));
        }
        assertContent(volume, f, pattern(1, BLOCK));
    }
}
