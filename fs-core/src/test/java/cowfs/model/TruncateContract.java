package cowfs.model;

import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.assertFails;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.read;
import static cowfs.model.VolumeFixture.symlink;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Tests of changing a file's size.
public interface TruncateContract extends VolumeFixture {
    static Attributes resize(Volume volume, long inode, long sizeBytes) throws IOException {
        return volume.setAttributes(inode, AttributeChange.ofSize(sizeBytes));
    }

    @Test
    default void whatATruncateCutOffReadsAsZeroWhenTheFileGrowsAgain() throws IOException {
        Volume volume = volume();
        int whole = 10 * BLOCK;
        int[] sizes = {0, 1, 100, 4095, 4096, 4097, 5 * BLOCK, 5 * BLOCK + 1, whole - 1};
        for (int size : sizes) {
            long f = file(volume, "f" + size);
            write(volume, f, 0, pattern(size, whole));
            assertEquals(size, resize(volume, f, size).sizeBytes());
            resize(volume, f, whole);
        }
        for (Volume each = volume; each != null; each = each == volume ? reopen() : null) {
            for (int size : sizes) {
                byte[] expected = Arrays.copyOf(Arrays.copyOf(pattern(size, whole), size), whole);
                assertContent(each, each.lookup(ROOT, name("f" + size)).inode(), expected);
            }
        }
    }

    @Test
    default void aWritePastATruncatedEndLeavesZeroesBetween() throws IOException {
        Volume volume = volume();
        for (int length : new int[] {500, 3 * BLOCK}) {
            long f = file(volume, "f" + length);
            write(volume, f, 0, pattern(1, length));
            resize(volume, f, length / 2);
            write(volume, f, length, pattern(2, 10));
            byte[] expected =
                    Arrays.copyOf(Arrays.copyOf(pattern(1, length), length / 2), length + 10);
            System.arraycopy(pattern(2, 10), 0, expected, length, 10);
            assertContent(volume, f, expected);
        }
    }

    @Test
    default void anEmptyFileGrowsToAHole() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        long size = (1L << 45) + 77;
        assertEquals(size, resize(volume, f, size).sizeBytes());
        volume = reopen();
        assertEquals(size, volume.getAttributes(f).sizeBytes());
        assertEquals(0, volume.getAttributes(f).blockCount());
        assertArrayEquals(new byte[77], read(volume, f, 1L << 45, 4096));
    }

    @Test
    default void truncatingAFarSparseFileFreesItsBlocks() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        for (int i = 0; i < 50; i++) {
            write(volume, f, (1L << 30) * i, pattern(i, 3 * BLOCK));
        }
        assertTrue(volume.getAttributes(f).blockCount() >= 50 * 3 * 8);
        resize(volume, f, 3 * BLOCK);
        assertTrue(volume.getAttributes(f).blockCount() <= 3 * 8);
        assertContent(volume, f, pattern(0, 3 * BLOCK));
        resize(volume, f, 0);
        assertEquals(0, volume.getAttributes(f).blockCount());
        assertEquals(0, reopen().getAttributes(f).blockCount());
    }

    @Test
    default void theSameSizeAgainKeepsTheContent() throws IOException {
        Volume volume = volume();
        for (int length : new int[] {100, 3 * BLOCK, 3 * BLOCK + 100}) {
            long f = file(volume, "f" + length);
            write(volume, f, 0, pattern(length, length));
            resize(volume, f, length);
            assertContent(volume, f, pattern(length, length));
        }
    }

    /// Found by `scripts/torture`: model and engine disagreed. The kernel leaves it to us to move
    /// the times of an empty file that is opened with `O_TRUNC`.
    @Test
    default void aSizeMovesTheModificationTimeAlsoWhenItStaysTheSame() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        Timestamp old = new Timestamp(1000, 5);
        volume.setAttributes(f, AttributeChange.ofTimes(null, old));
        assertNotEquals(old, resize(volume, f, 0).modified());
        AttributeChange both = new AttributeChange(null, null, null, 0L, null, old);
        assertEquals(old, volume.setAttributes(f, both).modified());
    }

    @Test
    default void onlyARegularFileIsResized() throws IOException {
        Volume volume = volume();
        long s = symlink(volume, "s", "target");
        assertFails(ErrorKind.IS_A_DIRECTORY, () -> resize(volume, ROOT, 0));
        assertFails(ErrorKind.INVALID, () -> resize(volume, s, 0));
        assertEquals(6, volume.getAttributes(s).sizeBytes());
    }

    @Test
    default void aNegativeSizeIsRefusedAndChangesNothing() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        write(volume, f, 0, pattern(1, 10));
        Attributes before = volume.getAttributes(f);
        AttributeChange change = new AttributeChange(0777, 9, 9, -1L, null, null);
        assertFails(ErrorKind.INVALID, () -> volume.setAttributes(f, change));
        assertEquals(before, volume.getAttributes(f));
    }
}
