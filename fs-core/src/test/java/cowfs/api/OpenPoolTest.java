package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OpenPoolTest {
    private static final long MIB = 1 << 20;

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] read(Volume volume, String file) throws IOException {
        Attributes found = volume.lookup(Volume.ROOT_INODE, name(file));
        ByteBuffer target = ByteBuffer.allocate((int) found.sizeBytes());
        volume.read(found.inode(), 0, target);
        assertEquals(0, target.remaining());
        return target.array();
    }

    private static void write(Volume volume, String file, byte[] content) throws IOException {
        Attributes made =
                volume.create(Volume.ROOT_INODE, name(file), NewInode.regular(0644, 0, 0));
        volume.write(made.inode(), 0, ByteBuffer.wrap(content));
    }

    @Test
    void contentAndSnapshotsSurviveAReopen() throws IOException {
        MemoryDevice device = new MemoryDevice(64 * MIB);
        Images.format(device, FormatOptions.ofSize(64 * MIB));
        byte[] large = random(1, 5_000_000);
        byte[] small = random(2, 700);
        try (Pool pool = Images.open(device.copy(), OpenOptions.DEFAULTS)) {
            assertEquals(1, pool.list().size());
        }
        MemoryDevice used = device.copy();
        MemoryDevice after;
        try (Pool pool = Images.open(used, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            write(main, "large", large);
            write(main, "small", small);
            pool.snapshot(Ref.parse("main@monday"));
            main.unlink(Volume.ROOT_INODE, name("large"));
            write(main, "later", small);
            assertArrayEquals(large, read(pool.volume(Ref.parse("main@monday")), "large"));
            pool.cloneSubvolume(Ref.parse("main@monday"), "experiment");
            write(pool.volume(Ref.parse("experiment")), "only-here", small);
        }
        after = used.copy();
        try (Pool pool = Images.open(after, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            assertArrayEquals(small, read(main, "small"));
            assertArrayEquals(small, read(main, "later"));
            CowException gone = assertThrows(CowException.class, () -> read(main, "large"));
            assertEquals(ErrorKind.NOT_FOUND, gone.kind());
            Volume monday = pool.volume(Ref.parse("main@monday"));
            assertArrayEquals(large, read(monday, "large"));
            CowException refused =
                    assertThrows(CowException.class, () -> write(monday, "x", small));
            assertEquals(ErrorKind.READ_ONLY, refused.kind());
            assertArrayEquals(large, read(pool.volume(Ref.parse("experiment")), "large"));
            pool.delete(List.of(Ref.parse("main@monday")));
            pool.delete(List.of(Ref.parse("experiment")));
            pool.awaitReclaim();
            pool.sync();
            assertEquals(List.of(Ref.MAIN), pool.list().stream().map(SubvolumeInfo::ref).toList());
            assertEquals(
                    0, pool.info().dataBytes(), "both files are inline, the large one is gone");
            assertArrayEquals(small, read(main, "small"));
        }
    }
}
