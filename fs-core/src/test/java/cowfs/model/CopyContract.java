package cowfs.model;

import static cowfs.model.RangeContract.data;
import static cowfs.model.RangeContract.filled;
import static cowfs.model.RangeContract.hole;
import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.readAll;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Tests of copying ranges and cloning files.
public interface CopyContract extends VolumeFixture {
    static long copy(Volume volume, long in, long from, long out, long to, long length)
            throws IOException {
        return volume.copyRange(volume, in, from, out, to, length, SetIdBits.KEEP);
    }

    @Test
    default void aCopyReadsAsItsSource() throws IOException {
        Volume volume = volume();
        long source = file(volume, "source");
        write(volume, source, 0, pattern(1, 10 * BLOCK + 100));
        long[][] ranges = {
            {0, 0, 20 * BLOCK},
            {BLOCK, 3 * BLOCK, 2 * BLOCK},
            {100, 100, 5 * BLOCK},
            {100, 2 * BLOCK + 100, 5 * BLOCK + 7},
            {5, 9, 7 * BLOCK},
            {10 * BLOCK, 0, 200},
            {10 * BLOCK + 99, 5 * BLOCK, 1},
            {0, 1L << 30, 20 * BLOCK}
        };
        for (int i = 0; i < ranges.length; i++) {
            long[] range = ranges[i];
            long target = file(volume, "target" + i);
            write(volume, target, 0, pattern(2, 4 * BLOCK + 50));
            long count = Math.min(range[2], 10 * BLOCK + 100 - range[0]);
            byte[] wanted = readAll(volume, source);
            wanted = Arrays.copyOfRange(wanted, (int) range[0], (int) (range[0] + count));
            assertEquals(count, copy(volume, source, range[0], target, range[1], range[2]));
            assertEquals(
                    Math.max(4 * BLOCK + 50, range[1] + count),
                    volume.getAttributes(target).sizeBytes());
            assertArrayEquals(
                    wanted,
                    VolumeFixture.read(volume, target, range[1], (int) count),
                    "range " + i);
            if (range[1] < 4 * BLOCK) {
                byte[] before = VolumeFixture.read(volume, target, 0, (int) range[1]);
                assertArrayEquals(Arrays.copyOf(pattern(2, 4 * BLOCK + 50), before.length), before);
            }
        }
        assertContent(volume, source, pattern(1, 10 * BLOCK + 100));
    }

    @Test
    default void aCopyAndItsSourceChangeApart() throws IOException {
        Volume volume = volume();
        long source = filled(volume, "source", 200);
        long target = file(volume, "target");
        copy(volume, source, 0, target, 0, Long.MAX_VALUE);
        write(volume, source, 3 * BLOCK, pattern(7, BLOCK));
        write(volume, target, 9 * BLOCK + 5, pattern(8, 10));
        volume.setAttributes(source, AttributeChange.ofSize(150 * BLOCK));
        byte[] ofTarget = pattern(200, 200 * BLOCK);
        byte[] ofSource = Arrays.copyOf(ofTarget, 150 * BLOCK);
        System.arraycopy(pattern(7, BLOCK), 0, ofSource, 3 * BLOCK, BLOCK);
        System.arraycopy(pattern(8, 10), 0, ofTarget, 9 * BLOCK + 5, 10);
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            assertContent(each, inodeOf(each, "source"), ofSource);
            assertContent(each, inodeOf(each, "target"), ofTarget);
        }
        Volume reopened = volume();
        reopened.unlink(Volume.ROOT_INODE, ModelTree.bytes("source"));
        assertContent(reopened, inodeOf(reopened, "target"), ofTarget);
    }

    /// ZFS lost data here in 2023 (openzfs 15526): it took blocks not yet written for a hole.
    @Test
    default void dataWrittenAMomentAgoIsCopiedAndNoHole() throws IOException {
        Volume volume = volume();
        long source = file(volume, "source");
        for (int round = 0; round < 20; round++) {
            int blocks = 1 + round;
            write(volume, source, 0, pattern(round, blocks * BLOCK + round));
            long copy = file(volume, "copy" + round);
            assertEquals(blocks * BLOCK + round, copy(volume, source, 0, copy, 0, Long.MAX_VALUE));
            write(volume, source, 2L * round * BLOCK, pattern(100, BLOCK));
            volume.allocate(source, AllocateMode.PUNCH_HOLE, 0, 300L * BLOCK);
            assertEquals(0, data(volume, copy, 0));
            assertEquals(blocks * BLOCK + round, hole(volume, copy, 0));
            assertContent(volume, copy, pattern(round, blocks * BLOCK + round));
            volume.setAttributes(source, AttributeChange.ofSize(0));
        }
        Volume reopened = reopen();
        for (int round = 0; round < 20; round++) {
            long copy = inodeOf(reopened, "copy" + round);
            assertContent(reopened, copy, pattern(round, (1 + round) * BLOCK + round));
        }
    }

    @Test
    default void aHolePunchedAMomentAgoIsCopiedAsAHole() throws IOException {
        Volume volume = volume();
        long source = filled(volume, "source", 30);
        volume.fsync(source, false);
        volume.allocate(source, AllocateMode.PUNCH_HOLE, 10 * BLOCK, 5 * BLOCK);
        write(volume, source, 12 * BLOCK, pattern(3, BLOCK));
        long target = filled(volume, "target", 40);
        copy(volume, source, 0, target, 0, 30 * BLOCK);
        assertEquals(10 * BLOCK, hole(volume, target, 0));
        assertEquals(12 * BLOCK, data(volume, target, 10 * BLOCK));
        assertEquals(13 * BLOCK, hole(volume, target, 12 * BLOCK));
        assertEquals(15 * BLOCK, data(volume, target, 13 * BLOCK));
        assertEquals(40 * BLOCK, hole(volume, target, 15 * BLOCK));
        byte[] expected = pattern(40, 40 * BLOCK);
        System.arraycopy(readAll(volume, source), 0, expected, 0, 30 * BLOCK);
        assertContent(volume, target, expected);
    }

    @Test
    default void aFarHoleIsCopiedAtOnce() throws IOException {
        Volume volume = volume();
        long source = file(volume, "source");
        write(volume, source, 1L << 45, pattern(1, 3 * BLOCK));
        for (long shift : new long[] {0, 16L * BLOCK, 5}) {
            long target = file(volume, "target" + shift);
            write(volume, target, shift, pattern(2, 100));
            assertEquals(
                    (1L << 45) + 3 * BLOCK, copy(volume, source, 0, target, shift, Long.MAX_VALUE));
            assertArrayEquals(
                    pattern(1, 3 * BLOCK),
                    VolumeFixture.read(volume, target, (1L << 45) + shift, 3 * BLOCK));
            assertArrayEquals(
                    new byte[100], VolumeFixture.read(volume, target, shift, 100), "old content");
        }
    }

    @Test
    default void unwrittenRangesStayUnwritten() throws IOException {
        Volume volume = volume();
        long source = filled(volume, "source", 4);
        volume.allocate(source, AllocateMode.ALLOCATE, 4 * BLOCK, 8 * BLOCK);
        long target = file(volume, "target");
        copy(volume, source, 0, target, 0, 12 * BLOCK);
        assertEquals(12 * 8, volume.getAttributes(target).blockCount());
        assertEquals(4 * BLOCK, hole(volume, target, 0));
        write(volume, target, 5 * BLOCK, pattern(9, BLOCK));
        assertEquals(4 * BLOCK, hole(volume, source, 0));
        assertFails(ErrorKind.NO_SUCH_OFFSET, () -> data(volume, source, 4 * BLOCK));
        assertArrayEquals(pattern(9, BLOCK), VolumeFixture.read(volume, target, 5 * BLOCK, BLOCK));
    }

    @Test
    default void rangesOfOneFileAreCopiedUnlessTheyOverlap() throws IOException {
        Volume volume = volume();
        long f = filled(volume, "f", 10);
        assertEquals(3 * BLOCK, copy(volume, f, 0, f, 5 * BLOCK, 3 * BLOCK));
        assertEquals(10 * BLOCK, copy(volume, f, 0, f, 10 * BLOCK, 10 * BLOCK));
        byte[] expected = pattern(10, 10 * BLOCK);
        System.arraycopy(expected, 0, expected, 5 * BLOCK, 3 * BLOCK);
        expected = Arrays.copyOf(expected, 20 * BLOCK);
        System.arraycopy(expected, 0, expected, 10 * BLOCK, 10 * BLOCK);
        assertContent(volume, f, expected);
        assertFails(ErrorKind.INVALID, () -> copy(volume, f, 0, f, 2 * BLOCK, 3 * BLOCK));
        assertFails(ErrorKind.INVALID, () -> copy(volume, f, 2 * BLOCK, f, 0, 3 * BLOCK));
        assertFails(ErrorKind.INVALID, () -> copy(volume, f, 0, f, 0, 1));
        assertContent(volume, f, expected);
    }

    /// The source's last block is also where the target begins.
    @Test
    default void aFileIsAppendedToItselfWithAGap() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 3 * BLOCK + 145));
        assertEquals(
                2 * BLOCK + 45,
                copy(volume, f, BLOCK + 100, f, 3 * BLOCK + 100 + BLOCK, 9 * BLOCK));
        assertEquals(
                BLOCK + 145 - 317 + 2 * BLOCK,
                copy(volume, f, 317, f, 10 * BLOCK + 317, 3 * BLOCK + 145 - 317));
        assertEquals(10 * BLOCK, copy(volume, f, 3 * BLOCK + 145, f, 13 * BLOCK + 145, 10 * BLOCK));
        volume.setAttributes(f, AttributeChange.ofSize(40 * BLOCK));
        byte[] expected = Arrays.copyOf(pattern(1, 3 * BLOCK + 145), 40 * BLOCK);
        System.arraycopy(expected, BLOCK + 100, expected, 4 * BLOCK + 100, 2 * BLOCK + 45);
        System.arraycopy(expected, 317, expected, 10 * BLOCK + 317, 3 * BLOCK + 145 - 317);
        System.arraycopy(expected, 3 * BLOCK + 145, expected, 13 * BLOCK + 145, 10 * BLOCK);
        assertContent(volume, f, expected);
    }

    @Test
    default void pastTheEndOfItsSourceNothingIsCopied() throws IOException {
        Volume volume = volume();
        long source = file(volume, "source");
        write(volume, source, 0, pattern(1, 100));
        long target = file(volume, "target");
        assertEquals(0, copy(volume, source, 100, target, 0, 10));
        assertEquals(0, copy(volume, source, 1L << 40, target, 0, 10));
        assertEquals(0, copy(volume, source, 0, target, 50, 0));
        assertEquals(0, volume.getAttributes(target).sizeBytes());
        assertEquals(1, copy(volume, source, 99, target, 0, 10));
        assertFails(ErrorKind.INVALID, () -> copy(volume, source, -1, target, 0, 10));
        assertFails(ErrorKind.INVALID, () -> copy(volume, source, 0, target, -1, 10));
        assertFails(ErrorKind.INVALID, () -> copy(volume, source, 0, target, 0, -1));
        assertFails(
                ErrorKind.FILE_TOO_LARGE,
                () -> copy(volume, source, 0, target, Long.MAX_VALUE - 5, 100));
    }

    @Test
    default void onlyFilesAreCopied() throws IOException {
        Volume volume = volume();
        long f = filled(volume, "f", 1);
        assertFails(ErrorKind.IS_A_DIRECTORY, () -> copy(volume, Volume.ROOT_INODE, 0, f, 0, 1));
        assertFails(ErrorKind.IS_A_DIRECTORY, () -> copy(volume, f, 0, Volume.ROOT_INODE, 0, 1));
        assertFails(ErrorKind.NOT_FOUND, () -> copy(volume, 12345, 0, f, 0, 1));
    }

    @Test
    default void aCloneIsTheWholeFileAndNoMore() throws IOException {
        Volume volume = volume();
        long source = file(volume, "source");
        write(volume, source, 2 * BLOCK, pattern(1, 3 * BLOCK + 11));
        long target = filled(volume, "target", 90);
        volume.cloneFile(volume, source, target, SetIdBits.KEEP);
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            long made = inodeOf(each, "target");
            assertContent(each, made, readAll(each, inodeOf(each, "source")));
            assertEquals(2 * BLOCK, data(each, made, 0));
        }
        Volume reopened = volume();
        long again = inodeOf(reopened, "target");
        assertFails(
                ErrorKind.INVALID,
                () -> reopened.cloneFile(reopened, again, again, SetIdBits.KEEP));
    }

    @Test
    default void aVeryFragmentedFileIsCopiedWhole() throws IOException {
        Volume volume = volume();
        long source = file(volume, "source");
        for (int i = 0; i < 300; i++) {
            write(volume, source, 2L * i * BLOCK, pattern(i, BLOCK));
        }
        write(volume, source, 600 * BLOCK, pattern(3, 77));
        long target = file(volume, "target");
        for (int i = 0; i < 300; i++) {
            write(volume, target, (3L * i + 1) * BLOCK, pattern(i, BLOCK));
        }
        volume.setAttributes(target, AttributeChange.ofSize(600 * BLOCK));
        assertEquals(600 * BLOCK + 77, copy(volume, source, 0, target, 0, Long.MAX_VALUE));
        assertContent(volume, target, readAll(volume, source));
        assertEquals(
                volume.getAttributes(source).blockCount(),
                volume.getAttributes(target).blockCount());
    }

    @Test
    default void aCopyTakesPrivilegesAway() throws IOException {
        Volume volume = volume();
        long source = filled(volume, "source", 1);
        long target = file(volume, "target");
        volume.setAttributes(target, AttributeChange.ofMode(06775));
        volume.copyRange(volume, source, 0, target, 0, BLOCK, SetIdBits.CLEAR);
        assertEquals(0775, volume.getAttributes(target).mode() & 07777);
    }
}
