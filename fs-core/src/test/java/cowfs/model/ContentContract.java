package cowfs.model;

import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.read;
import static cowfs.model.VolumeFixture.readAll;
import static cowfs.model.VolumeFixture.symlink;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Tests of reading and writing.
public interface ContentContract extends VolumeFixture {
    @Test
    default void writtenBytesAreReadBackAtEveryOffset() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        byte[] bytes = pattern(1, 3 * BLOCK + 17);
        write(volume, f, 0, bytes);
        assertContent(volume, f, bytes);
        for (int offset : new int[] {0, 1, 4095, 4096, 4097, 8191, 12288, bytes.length - 1}) {
            for (int length : new int[] {1, 100, 4096, 5000}) {
                int end = Math.min(bytes.length, offset + length);
                assertArrayEquals(
                        Arrays.copyOfRange(bytes, offset, end), read(volume, f, offset, length));
            }
        }
        assertEquals(0, read(volume, f, bytes.length, 10).length);
        assertEquals(0, read(volume, f, 1L << 40, 10).length);
        assertContent(reopen(), f, bytes);
    }

    @Test
    default void smallFilesOfEveryLengthKeepTheirBytes() throws IOException {
        Volume volume = volume();
        int[] lengths = {0, 1, 2, 63, 64, 511, 512, 1000, 2047, 2048, 3000, 4095, 4096, 4097, 5000};
        for (int length : lengths) {
            write(volume, file(volume, "f" + length), 0, pattern(length, length));
        }
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            for (int length : lengths) {
                long inode = each.lookup(ROOT, name("f" + length)).inode();
                assertContent(each, inode, pattern(length, length));
            }
        }
    }

    @Test
    default void aFileGrowsByteByByteFromNothingToExtents() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        byte[] bytes = pattern(3, 5000);
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(1 + at % 97, bytes.length - at);
            write(volume, f, at, Arrays.copyOfRange(bytes, at, at + length));
            at += length;
            assertEquals(at, volume.getAttributes(f).sizeBytes());
            if (at % 500 < length) {
                assertContent(volume, f, Arrays.copyOf(bytes, at));
            }
        }
        assertContent(volume, f, bytes);
        assertContent(reopen(), f, bytes);
    }

    @Test
    default void aFileShrinksFromExtentsToNothingAndGrowsAgain() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        byte[] bytes = pattern(4, 5000);
        write(volume, f, 0, bytes);
        for (int size = 4999; size >= 0; size -= 499) {
            volume.setAttributes(f, AttributeChange.ofSize(size));
            assertContent(volume, f, Arrays.copyOf(bytes, size));
        }
        volume.setAttributes(f, AttributeChange.ofSize(0));
        write(volume, f, 10, pattern(5, 10));
        byte[] expected = new byte[20];
        System.arraycopy(pattern(5, 10), 0, expected, 10, 10);
        assertContent(volume, f, expected);
        assertContent(reopen(), f, expected);
    }

    @Test
    default void overwritingTheMiddleLeavesTheRest() throws IOException {
        Volume volume = volume();
        byte[] bytes = pattern(6, 64 * BLOCK);
        for (int[] range :
                new int[][] {
                    {10 * BLOCK, 5 * BLOCK},
                    {20 * BLOCK + 7, 3},
                    {30 * BLOCK - 1, 2},
                    {0, 1},
                    {40 * BLOCK + 100, 10 * BLOCK + 200},
                    {64 * BLOCK - 3, 3}
                }) {
            long f = file(volume, "f" + range[0]);
            write(volume, f, 0, bytes);
            byte[] middle = pattern(range[0], range[1]);
            write(volume, f, range[0], middle);
            byte[] expected = bytes.clone();
            System.arraycopy(middle, 0, expected, range[0], middle.length);
            assertContent(volume, f, expected);
        }
        volume = reopen();
        assertEquals(64 * BLOCK, volume.lookup(ROOT, name("f0")).sizeBytes());
    }

    @Test
    default void randomOverwritesAddUp() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        Random random = new Random(99);
        byte[] expected = new byte[0];
        for (int i = 0; i < 400; i++) {
            int offset = random.nextInt(200_000);
            byte[] piece = pattern(i, 1 + random.nextInt(i % 10 == 0 ? 60_000 : 6_000));
            if (offset + piece.length > expected.length) {
                expected = Arrays.copyOf(expected, offset + piece.length);
            }
            System.arraycopy(piece, 0, expected, offset, piece.length);
            write(volume, f, offset, piece);
            if (i % 100 == 99) {
                assertContent(volume, f, expected);
                volume = reopen();
                assertContent(volume, f, expected);
            }
        }
    }

    @Test
    default void manySmallAppendsMakeOneFile() throws IOException {
        Volume volume = volume();
        long f = file(volume, "log");
        byte[] bytes = pattern(7, 100_000);
        for (int at = 0; at < bytes.length; at += 100) {
            write(volume, f, at, Arrays.copyOfRange(bytes, at, at + 100));
            if (at % 10_000 == 0) {
                volume.fsync(f, true);
            }
        }
        assertContent(volume, f, bytes);
        assertContent(reopen(), f, bytes);
    }

    @Test
    default void aLongSequentialFileComesBackWhole() throws IOException {
        Volume volume = volume();
        long f = file(volume, "big");
        int piece = 256 * 1024;
        for (int i = 0; i < 32; i++) {
            write(volume, f, (long) i * piece, pattern(i, piece));
        }
        volume = reopen();
        assertEquals(32L * piece, volume.getAttributes(f).sizeBytes());
        for (int i = 0; i < 32; i++) {
            assertArrayEquals(pattern(i, piece), read(volume, f, (long) i * piece, piece));
        }
        assertTrue(volume.getAttributes(f).blockCount() >= 32L * piece / 512);
    }

    @Test
    default void oneWriteMayBeLongerThanAMebibyte() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        byte[] bytes = pattern(8, 3 * 1024 * 1024 + 5);
        write(volume, f, 3, bytes);
        assertEquals(bytes.length + 3, volume.getAttributes(f).sizeBytes());
        assertArrayEquals(bytes, read(volume, f, 3, bytes.length));
        assertArrayEquals(new byte[3], read(volume, f, 0, 3));
    }

    @Test
    default void farOffsetsLeaveHolesThatReadAsZero() throws IOException {
        Volume volume = volume();
        long f = file(volume, "sparse");
        long[] offsets = {0, 1L << 20, (1L << 32) - 1, 1L << 40, (1L << 50) + 123};
        for (long offset : offsets) {
            write(volume, f, offset, pattern(offset, 2 * BLOCK));
        }
        volume = reopen();
        assertEquals((1L << 50) + 123 + 2 * BLOCK, volume.getAttributes(f).sizeBytes());
        assertTrue(volume.getAttributes(f).blockCount() <= 8L * 3 * offsets.length);
        for (long offset : offsets) {
            assertArrayEquals(pattern(offset, 2 * BLOCK), read(volume, f, offset, 2 * BLOCK));
        }
        assertArrayEquals(new byte[BLOCK], read(volume, f, 1L << 49, BLOCK));
        assertArrayEquals(new byte[10], read(volume, f, (1L << 50) + 113, 10));
        byte[] over = read(volume, f, (1L << 20) - 10, 20);
        assertArrayEquals(new byte[10], Arrays.copyOf(over, 10));
        assertArrayEquals(
                Arrays.copyOf(pattern(1L << 20, 2 * BLOCK), 10), Arrays.copyOfRange(over, 10, 20));
    }

    @Test
    default void aReadAcrossAHoleFillsTheBufferItWasGiven() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, BLOCK));
        write(volume, f, 5L * BLOCK, pattern(2, BLOCK));
        ByteBuffer dirty = ByteBuffer.wrap(pattern(3, 6 * BLOCK + 10));
        dirty.position(5);
        assertEquals(6 * BLOCK, volume.read(f, 0, dirty));
        assertEquals(6 * BLOCK + 5, dirty.position());
        byte[] expected = new byte[6 * BLOCK];
        System.arraycopy(pattern(1, BLOCK), 0, expected, 0, BLOCK);
        System.arraycopy(pattern(2, BLOCK), 0, expected, 5 * BLOCK, BLOCK);
        assertArrayEquals(expected, Arrays.copyOfRange(dirty.array(), 5, 6 * BLOCK + 5));
        assertEquals(pattern(3, 6 * BLOCK + 10)[6 * BLOCK + 6], dirty.array()[6 * BLOCK + 6]);
    }

    @Test
    default void buffersOfEveryKindWork() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        byte[] bytes = pattern(9, 3 * BLOCK);
        ByteBuffer direct = ByteBuffer.allocateDirect(4 * BLOCK);
        direct.position(100).put(bytes).flip().position(100);
        volume.write(f, 50, direct);
        assertEquals(0, direct.remaining());
        volume.write(f, 50 + bytes.length, ByteBuffer.wrap(bytes).asReadOnlyBuffer());
        volume.write(f, 0, ByteBuffer.wrap(bytes, 7, 50).slice());
        byte[] expected = new byte[50 + 2 * bytes.length];
        System.arraycopy(bytes, 7, expected, 0, 50);
        System.arraycopy(bytes, 0, expected, 50, bytes.length);
        System.arraycopy(bytes, 0, expected, 50 + bytes.length, bytes.length);
        assertContent(volume, f, expected);
        ByteBuffer target = ByteBuffer.allocateDirect(expected.length + 5);
        assertEquals(expected.length, volume.read(f, 0, target));
        byte[] got = new byte[expected.length];
        target.flip().get(got);
        assertArrayEquals(expected, got);
    }

    @Test
    default void zeroesThatWereWrittenAreKept() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 4 * BLOCK));
        write(volume, f, BLOCK, new byte[2 * BLOCK]);
        byte[] expected = pattern(1, 4 * BLOCK);
        Arrays.fill(expected, BLOCK, 3 * BLOCK, (byte) 0);
        assertContent(reopen(), f, expected);
    }

    @Test
    default void anEmptyWriteChangesNothing() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        Attributes before = volume.getAttributes(f);
        write(volume, f, 1000, new byte[0]);
        assertEquals(before, volume.getAttributes(f));
        assertEquals(0, volume.read(f, 0, ByteBuffer.allocate(0)));
    }

    @Test
    default void onlyRegularFilesHaveContent() throws IOException {
        Volume volume = volume();
        long s = symlink(volume, "s", "target");
        long p =
                volume.create(ROOT, name("p"), new NewInode(Attributes.FIFO | 0600, 0, 0, 0))
                        .inode();
        byte[] byteOne = {1};
        assertFails(ErrorKind.IS_A_DIRECTORY, () -> read(volume, ROOT, 0, 10));
        assertFails(ErrorKind.IS_A_DIRECTORY, () -> write(volume, ROOT, 0, byteOne));
        for (long inode : new long[] {s, p}) {
            assertFails(ErrorKind.INVALID, () -> read(volume, inode, 0, 10));
            assertFails(ErrorKind.INVALID, () -> write(volume, inode, 0, byteOne));
        }
        assertFails(ErrorKind.NOT_FOUND, () -> read(volume, 1L << 40, 0, 10));
        assertFails(ErrorKind.NOT_FOUND, () -> write(volume, 1L << 40, 0, byteOne));
    }

    @Test
    default void offsetsOutOfRangeAreRefused() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        assertFails(ErrorKind.INVALID, () -> read(volume, f, -1, 10));
        assertFails(ErrorKind.INVALID, () -> write(volume, f, -1, new byte[] {1}));
        assertFails(
                ErrorKind.FILE_TOO_LARGE, () -> write(volume, f, Long.MAX_VALUE - 5, new byte[20]));
        assertArrayEquals(new byte[0], readAll(volume, f));
    }

    @Test
    default void interleavedFilesDoNotMix() throws IOException {
        Volume volume = volume();
        long[] files = new long[10];
        for (int i = 0; i < files.length; i++) {
            files[i] = file(volume, "f" + i);
        }
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < files.length; i++) {
                write(volume, files[i], round * 3000L, pattern(round * 100 + i, 3000));
            }
        }
        volume = reopen();
        for (int i = 0; i < files.length; i++) {
            for (int round = 0; round < 20; round++) {
                assertArrayEquals(
                        pattern(round * 100 + i, 3000),
                        read(volume, files[i], round * 3000L, 3000));
            }
        }
    }
}
