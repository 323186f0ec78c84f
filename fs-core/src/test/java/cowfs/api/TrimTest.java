package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.MemoryDevice;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// What is free goes back to the host, whoever wrote it; what is not stays.
final class TrimTest {
    private static final OpenOptions OPTIONS = new OpenOptions(false, 8 << 20, Duration.ZERO);
    private static final long SIZE = (96L << 20) + 5 * 4096;

    private static byte[] noise(int seed) {
        byte[] noise = new byte[150_000];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    private static byte[] name(int number) {
        return ("f" + number).getBytes(StandardCharsets.US_ASCII);
    }

    private static void write(Volume volume, int number) throws IOException {
        NewInode start = NewInode.regular(0644, 0, 0);
        long inode = volume.create(Volume.ROOT_INODE, name(number), start).inode();
        volume.write(inode, 0, ByteBuffer.wrap(noise(number)), SetIdBits.KEEP);
    }

    private static byte[] read(Volume volume, int number) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(150_000);
        volume.read(volume.lookup(Volume.ROOT_INODE, name(number)).inode(), 0, content);
        return content.array();
    }

    /// An image that lies on its device without holes, with old bytes in all that is free.
    private static MemoryDevice withoutHoles(int files) throws IOException {
        MemoryDevice device = new MemoryDevice(SIZE);
        byte[] old = new byte[1 << 20];
        new Random(0).nextBytes(old);
        for (long at = 0; at < SIZE; at += old.length) {
            int length = (int) Math.min(old.length, SIZE - at);
            device.write(at, ByteBuffer.wrap(old, 0, length));
        }
        Images.format(device, new FormatOptions(SIZE, 8192, 2, "trim"));
        device = device.copy();
        try (Pool pool = Images.open(device, OPTIONS)) {
            for (int i = 0; i < files; i++) {
                write(pool.volume(Ref.MAIN), i);
            }
            pool.snapshot(Ref.parse("main@s"));
        }
        assertEquals(SIZE, device.allocatedBytes());
        return device.copy();
    }

    private static void assertClean(MemoryDevice device) throws IOException {
        assertEquals(List.of(), Images.check(device.copy(), (done, total) -> {}).findings());
    }

    @Test
    void allThatIsFreeGoesBack() throws IOException {
        MemoryDevice device = withoutHoles(40);
        try (Pool pool = Images.open(device, OPTIONS)) {
            long used = pool.info().usedBytes();
            long trimmed = pool.trim();
            assertEquals(SIZE - trimmed, device.allocatedBytes());
            // pieces of free space smaller than a unit stay
            assertTrue(device.allocatedBytes() < used + (4 << 20), "used " + used);
            assertTrue(device.allocatedBytes() >= used);
            for (int i = 0; i < 40; i++) {
                assertArrayEquals(noise(i), read(pool.volume(Ref.parse("main@s")), i));
            }
            assertEquals(trimmed, pool.trim(), "the same is free");
        }
        assertClean(device);
    }

    @Test
    void whatIsWrittenMeanwhileStays() throws Exception {
        MemoryDevice device = withoutHoles(5);
        try (Pool pool = Images.open(device, OPTIONS)) {
            Volume main = pool.volume(Ref.MAIN);
            AtomicBoolean ended = new AtomicBoolean();
            CompletableFuture<Integer> trims =
                    CompletableFuture.supplyAsync(
                            () -> {
                                int count = 0;
                                while (!ended.get()) {
                                    try {
                                        pool.trim();
                                    } catch (IOException failed) {
                                        throw new AssertionError(failed);
                                    }
                                    count++;
                                }
                                return count;
                            });
            for (int i = 100; i < 300; i++) {
                write(main, i);
                if (i % 20 == 0) {
                    pool.sync();
                }
                if (i % 3 == 0) {
                    main.unlink(Volume.ROOT_INODE, name(i));
                }
            }
            ended.set(true);
            assertTrue(trims.get() > 0);
            for (int i = 100; i < 300; i++) {
                if (i % 3 != 0) {
                    assertArrayEquals(noise(i), read(main, i), "file " + i);
                }
            }
        }
        assertClean(device);
    }
}
