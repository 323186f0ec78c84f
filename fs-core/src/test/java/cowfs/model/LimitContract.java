package cowfs.model;

import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.inodeOf;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.names;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.read;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.SeekTarget;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Tests of what is largest, longest, earliest and latest, and of what lies right behind it.
public interface LimitContract extends VolumeFixture {
    long LARGEST = Volume.MAX_FILE_BYTES;

    @Test
    default void aFileMayReachTheLargestSizeAndNotOneByteMore() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        volume.setAttributes(f, AttributeChange.ofSize(LARGEST));
        write(volume, f, LARGEST - 3, pattern(1, 3));
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            Volume now = each;
            assertEquals(LARGEST, now.getAttributes(f).sizeBytes());
            assertArrayEquals(pattern(1, 3), read(now, f, LARGEST - 3, 100));
            assertEquals(0, read(now, f, LARGEST, 100).length);
            assertEquals(0, read(now, f, Long.MAX_VALUE, 100).length);
            assertEquals(LARGEST - BLOCK, now.seek(f, 0, SeekTarget.DATA));
            assertEquals(LARGEST, now.seek(f, LARGEST - 1, SeekTarget.HOLE));
            for (long past : new long[] {LARGEST, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
                for (SeekTarget what : SeekTarget.values()) {
                    assertFails(ErrorKind.NO_SUCH_OFFSET, () -> now.seek(f, past, what));
                }
            }
            assertFails(
                    ErrorKind.FILE_TOO_LARGE,
                    () -> now.setAttributes(f, AttributeChange.ofSize(LARGEST + 1)));
            assertFails(
                    ErrorKind.FILE_TOO_LARGE,
                    () -> now.setAttributes(f, AttributeChange.ofSize(Long.MAX_VALUE)));
            assertFails(ErrorKind.INVALID, () -> now.setAttributes(f, AttributeChange.ofSize(-1)));
            for (long offset : new long[] {LARGEST - 2, LARGEST, Long.MAX_VALUE}) {
                assertFails(ErrorKind.FILE_TOO_LARGE, () -> write(now, f, offset, pattern(2, 3)));
            }
            assertFails(ErrorKind.INVALID, () -> write(now, f, -1, pattern(2, 3)));
            assertFails(ErrorKind.INVALID, () -> read(now, f, -1, 3));
        }
        volume().setAttributes(f, AttributeChange.ofSize(0));
        assertEquals(0, volume().getAttributes(f).blockCount());
    }

    @Test
    default void aRangeMayEndAtTheLargestSizeAndNotBehindIt() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 3 * BLOCK));
        volume.setAttributes(f, AttributeChange.ofSize(LARGEST));
        write(volume, f, LARGEST - BLOCK, pattern(2, BLOCK));
        volume.allocate(f, AllocateMode.ALLOCATE, LARGEST - 2 * BLOCK, BLOCK);
        volume.allocate(f, AllocateMode.ZERO_RANGE, LARGEST - 1, 1);
        volume.allocate(f, AllocateMode.PUNCH_HOLE, BLOCK, LARGEST - BLOCK);
        assertEquals(BLOCK, volume.seek(f, 0, SeekTarget.HOLE));
        assertFails(ErrorKind.NO_SUCH_OFFSET, () -> volume.seek(f, BLOCK, SeekTarget.DATA));
        assertEquals(8, volume.getAttributes(f).blockCount());
        for (AllocateMode mode : AllocateMode.values()) {
            assertFails(ErrorKind.FILE_TOO_LARGE, () -> volume.allocate(f, mode, LARGEST - 1, 2));
            assertFails(
                    ErrorKind.FILE_TOO_LARGE, () -> volume.allocate(f, mode, 1, Long.MAX_VALUE));
            assertFails(ErrorKind.INVALID, () -> volume.allocate(f, mode, Long.MIN_VALUE, 1));
        }
    }

    @Test
    default void aCopyMayEndAtTheLargestSizeAndNotBehindIt() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, BLOCK));
        long g = file(volume, "g");
        assertEquals(BLOCK, copy(volume, f, 0, g, LARGEST - BLOCK, Long.MAX_VALUE));
        assertArrayEquals(pattern(1, BLOCK), read(volume, g, LARGEST - BLOCK, 2 * BLOCK));
        assertEquals(0, copy(volume, f, Long.MAX_VALUE, g, 0, Long.MAX_VALUE));
        assertFails(
                ErrorKind.FILE_TOO_LARGE,
                () -> copy(volume, f, 0, g, LARGEST - BLOCK + 1, Long.MAX_VALUE));
        assertFails(ErrorKind.FILE_TOO_LARGE, () -> copy(volume, f, 0, g, Long.MAX_VALUE, BLOCK));
        assertFails(ErrorKind.INVALID, () -> copy(volume, f, 0, g, 0, -1));
        assertFails(ErrorKind.INVALID, () -> copy(volume, f, -1, g, 0, 1));
    }

    private static long copy(
            Volume volume, long source, long from, long target, long offset, long lengthBytes)
            throws IOException {
        return volume.copyRange(volume, source, from, target, offset, lengthBytes, SetIdBits.KEEP);
    }

    /// More than ext4 (65,000) and btrfs (65,535) count.
    @Test
    default void aFileHasMoreNamesThanSixteenBitsCount() throws IOException {
        int count = 70_000;
        Volume volume = volume();
        long f = file(volume, "0");
        long other = directory(volume, ROOT, "other");
        for (int i = 1; i < count; i++) {
            volume.link(f, i % 2 == 0 ? ROOT : other, name("" + i));
        }
        Volume again = reopen();
        assertEquals(count, again.getAttributes(f).linkCount());
        assertEquals(f, inodeOf(again, "other", "" + (count - 1)));
        for (int i = 0; i < count - 1; i++) {
            again.unlink(i % 2 == 0 ? ROOT : other, name("" + i));
        }
        assertEquals(1, again.getAttributes(f).linkCount());
        assertEquals(List.of("" + (count - 1)), names(again, other));
    }

    /// Whatever 32 bits of seconds can't say, signed (1901, 2038) or not (1970, 2106).
    @Test
    default void timesGoFarBackAndFarAhead() throws IOException {
        long[] seconds = {
            Integer.MIN_VALUE - 1L, -1, 0, 1L << 31, 1L << 32, (1L << 33) + 5, 253_402_300_800L
        };
        Volume volume = volume();
        for (long second : seconds) {
            long f = file(volume, "f" + second);
            Timestamp time = new Timestamp(second, 999_999_999);
            volume.setAttributes(f, AttributeChange.ofTimes(time, time));
        }
        Volume again = reopen();
        for (long second : seconds) {
            Attributes found = again.lookup(ROOT, name("f" + second));
            assertEquals(new Timestamp(second, 999_999_999), found.accessed());
            assertEquals(new Timestamp(second, 999_999_999), found.modified());
        }
    }
}
