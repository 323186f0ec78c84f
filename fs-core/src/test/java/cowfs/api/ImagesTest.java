package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.BlockDevice;
import cowfs.device.FileDevice;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.txn.NewPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images as files: what is made, overwritten and refused.
final class ImagesTest {
    private static final long MIB = 1L << 20;

    @TempDir Path directory;

    @Test
    void anErasedPoolIsFoundInNeitherOfItsAreas() throws IOException {
        Path file = directory.resolve("disk");
        // as on a block device that is larger than its image: the areas are those of the image
        FileDevice.create(file, 100 * MIB).close();
        try (BlockDevice device = FileDevice.open(file, true)) {
            Images.format(device, FormatOptions.ofSize(40 * MIB));
            NewPool.erase(device);
        }
        for (long size : new long[] {100 * MIB, 40 * MIB}) {
            try (BlockDevice device = FileDevice.open(file, true)) {
                assertEquals(size, device.sizeBytes());
                // also for who can't read the first area
                device.write(0, ByteBuffer.allocate(1 << 17));
            }
            assertKind(ErrorKind.NOT_AN_IMAGE, () -> Images.open(file, OpenOptions.READ_ONLY));
            try (FileDevice cut =
                    FileDevice.overwrite(directory.resolve("disk"), 40 * MIB, d -> {})) {
                assertEquals(40 * MIB, cut.sizeBytes());
            }
        }
    }

    @Test
    void anOverwrittenImageIsOfTheNewSizeAndEmpty() throws IOException {
        Path image = directory.resolve("image");
        Images.format(image, FormatOptions.ofSize(200 * MIB), false);
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            pool.createSubvolume("old");
        }
        assertKind(
                ErrorKind.EXISTS,
                () -> Images.format(image, FormatOptions.ofSize(64 * MIB), false));

        Images.format(image, FormatOptions.ofSize(64 * MIB), true);

        assertEquals(64 * MIB, Files.size(image));
        try (Pool pool = Images.open(image, OpenOptions.READ_ONLY)) {
            assertEquals(1, pool.list().size());
        }
        assertTrue(Images.check(image, (done, total) -> {}).isClean());
    }

    @Test
    void theSizesOfInfoAddUp() throws IOException {
        Path image = directory.resolve("image");
        Images.format(image, FormatOptions.ofSize(64 * MIB), false);
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            for (int i = 0; i < 100; i++) {
                pool.createSubvolume("s" + i);
                PoolInfo info = pool.info();
                assertTrue(info.metadataFreeBytes() >= 0, info.toString());
                assertTrue(info.freeBytes() > 0, info.toString());
                assertEquals(
                        info.sizeBytes(),
                        info.usedBytes()
                                + info.freeBytes()
                                + info.reservedBytes()
                                + info.metadataFreeBytes());
                assertEquals(info.usedBytes(), info.dataBytes() + info.metadataBytes());
            }
            for (SubvolumeInfo each : pool.list()) {
                SpaceUsage usage = pool.spaceUsage(java.util.List.of(each.ref())).getFirst();
                assertEquals(
                        usage.referencedBytes(), each.referencedBytes(), "one word, one number");
            }
        }
    }

    private static void assertKind(ErrorKind kind, org.junit.jupiter.api.function.Executable call) {
        assertEquals(kind, assertThrows(ImageException.class, call).kind());
    }
}
