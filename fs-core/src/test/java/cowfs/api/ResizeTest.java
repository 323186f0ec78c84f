package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.CrashDevice;
import cowfs.device.CutPolicy;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.SuperblockArea;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that get larger and smaller while they are in use: what is in them stays, all of the new
/// space can be used, and at any moment there is an image of the old size or of the new one.
final class ResizeTest {
    private static final OpenOptions OPTIONS = new OpenOptions(false, 8 << 20, Duration.ZERO);
    private static final long MIB = 1L << 20;

    private MemoryDevice device = new MemoryDevice(0);

    private Pool make(long sizeBytes, int nodeBytes, int copies) throws IOException {
        device = new MemoryDevice(sizeBytes);
        Images.format(device, new FormatOptions(sizeBytes, nodeBytes, copies, "resize"));
        return open();
    }

    private Pool open() throws IOException {
        device = device.copy(); // the last one was closed
        return Images.open(device, OPTIONS);
    }

    private static CheckReport check(MemoryDevice image) throws IOException {
        return Images.check(image.copy(), (done, total) -> {});
    }

    private void assertClean() throws IOException {
        assertEquals(List.of(), check(device).findings());
    }

    private static byte[] name(int number) {
        return ("f" + number).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] noise(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void write(Volume volume, int number, byte[] content) throws IOException {
        NewInode start = NewInode.regular(0644, 0, 0);
        long inode = volume.create(Volume.ROOT_INODE, name(number), start).inode();
        volume.write(inode, 0, ByteBuffer.wrap(content), SetIdBits.KEEP);
    }

    private static byte[] read(Volume volume, int number, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        volume.read(volume.lookup(Volume.ROOT_INODE, name(number)).inode(), 0, target);
        return target.array();
    }

    /// Writes files until there is no room.
    ///
    /// @return how many there are then
    private static int fill(Volume volume, int first) throws IOException {
        int number = first;
        try {
            for (; ; number++) {
                write(volume, number, noise(number, 300_000));
            }
        } catch (CowException full) {
            assertEquals(ErrorKind.NO_SPACE, full.kind(), full.getMessage());
            return number;
        }
    }

    @ParameterizedTest
    @CsvSource({"4096,1", "8192,2", "16384,2"})
    void aFullImageGrowsAndAllOfItCanBeUsed(int nodeBytes, int copies) throws IOException {
        long size = 48 * MIB + 5 * Blocks.SIZE;
        try (Pool pool = make(size, nodeBytes, copies)) {
            Volume main = pool.volume(Ref.MAIN);
            int count = fill(main, 0);
            pool.snapshot(Ref.parse("main@full"));
            for (long more : new long[] {Blocks.SIZE, 3 * Blocks.SIZE, 11 * MIB, 40 * MIB + 4097}) {
                assertEquals(size, pool.resize(size + more));
                size = (size + more) & -Blocks.SIZE;
                assertEquals(size, pool.info().sizeBytes());
                assertTrue(device.sizeBytes() >= size);
                count = fill(main, count + 1);
            }
            assertTrue(pool.info().freeBytes() < MIB, pool.info().toString());
            assertTrue(pool.info().usedBytes() > 75 * MIB, pool.info().toString());
            assertArrayEquals(noise(0, 300_000), read(main, 0, 300_000));
        }
        assertClean();
        try (Pool pool = open()) {
            assertEquals(size, pool.info().sizeBytes());
            Volume snapshot = pool.volume(Ref.parse("main@full"));
            assertArrayEquals(noise(3, 300_000), read(snapshot, 3, 300_000));
            pool.delete(List.of(Ref.parse("main@full")));
            pool.awaitReclaim();
        }
        assertClean();
    }

    @Test
    void anImageShrinksAsFarAsItsEndIsFree() throws IOException {
        try (Pool pool = make(256 * MIB, 4096, 2)) {
            Volume main = pool.volume(Ref.MAIN);
            write(main, 1, noise(1, 3_000_000));
            pool.sync();
            assertEquals(256 * MIB, pool.resize(200 * MIB + 12345));
            assertEquals(200 * MIB + 12288, pool.info().sizeBytes());
            assertEquals(200 * MIB + 12288, device.sizeBytes());
            int count = fill(main, 2);
            CowException inUse = assertThrows(CowException.class, () -> pool.resize(190 * MIB));
            assertEquals(ErrorKind.NO_SPACE, inUse.kind());
            String message = String.valueOf(inUse.getMessage());
            assertTrue(message.contains("is in use: the image can have"), message);
            assertEquals(200 * MIB + 12288, pool.info().sizeBytes());
            assertEquals(200 * MIB + 12288, device.sizeBytes());
            assertArrayEquals(noise(1, 3_000_000), read(main, 1, 3_000_000));
            pool.resize(300 * MIB);
            fill(main, count + 1);
            assertTrue(pool.info().usedBytes() > 270 * MIB, pool.info().toString());
        }
        assertClean();
        try (Pool pool = open()) {
            assertEquals(300 * MIB, pool.info().sizeBytes());
        }
    }

    @Test
    void sizesThatNoImageCanHaveAreRefused() throws IOException {
        try (Pool pool = make(128 * MIB, 4096, 1)) {
            for (long size : new long[] {0, 1, 32 * MIB, 64 * MIB, Long.MAX_VALUE}) {
                CowException refused = assertThrows(CowException.class, () -> pool.resize(size));
                assertEquals(ErrorKind.INVALID, refused.kind(), refused.getMessage());
            }
            assertEquals(128 * MIB, pool.resize(128 * MIB));
            assertEquals(128 * MIB, pool.info().sizeBytes());
        }
        assertClean();
        try (Pool pool =
                Images.open(device.copy(), new OpenOptions(true, 1 << 20, Duration.ZERO))) {
            CowException readOnly = assertThrows(CowException.class, () -> pool.resize(256 * MIB));
            assertEquals(ErrorKind.READ_ONLY, readOnly.kind());
        }
    }

    /// Also where the file is longer than the image.
    @Test
    void eitherSuperblockAreaIsEnoughAfterAResize() throws IOException {
        try (Pool pool = make(64 * MIB, 4096, 2)) {
            write(pool.volume(Ref.MAIN), 1, noise(1, 100_000));
            pool.resize(180 * MIB);
            write(pool.volume(Ref.MAIN), 2, noise(2, 100_000));
        }
        long second = SuperblockArea.start(1, Blocks.fromBytes(64 * MIB));
        MemoryDevice whole = device;
        for (long extra : new long[] {0, 77 * MIB}) {
            for (long start : new long[] {0, second}) {
                device = whole.copy();
                device.resizeTo(180 * MIB + extra);
                device.write(
                        Blocks.toBytes(start),
                        ByteBuffer.wrap(noise(5, SuperblockArea.SLOTS * Blocks.SIZE)));
                assertEquals(1, check(device).findingCount(), check(device).findings().toString());
                try (Pool pool = open()) {
                    assertArrayEquals(noise(2, 100_000), read(pool.volume(Ref.MAIN), 2, 100_000));
                    pool.resize(190 * MIB);
                }
                try (Pool pool = open()) {
                    assertEquals(190 * MIB, pool.info().sizeBytes());
                }
            }
        }
    }

    /// An image in a file of the image is not taken for what is lost.
    @Test
    void anImageInTheImageIsNotTakenForItsSecondArea() throws IOException {
        try (Pool inner = make(64 * MIB, 4096, 1)) {
            inner.resize(80 * MIB);
        }
        byte[] nested = new byte[(int) (80 * MIB)];
        device.copy().read(0, ByteBuffer.wrap(nested));
        try (Pool pool = make(128 * MIB, 4096, 1)) {
            pool.resize(256 * MIB);
            write(pool.volume(Ref.MAIN), 1, nested);
        }
        device = device.copy();
        device.write(0, ByteBuffer.wrap(noise(6, SuperblockArea.SLOTS * Blocks.SIZE)));
        try (Pool pool = open()) {
            assertEquals(256 * MIB, pool.info().sizeBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void randomSizesWhileFilesComeAndGo(long seed) throws IOException {
        Random random = new Random(seed);
        Map<Integer, Integer> lengths = new HashMap<>();
        int resized = 0;
        int refused = 0;
        Pool pool = make((33 + random.nextInt(100)) * MIB + 4096L * random.nextInt(4096), 4096, 2);
        try {
            for (int step = 0; step < 120; step++) {
                Volume main = pool.volume(Ref.MAIN);
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> {
                        int length = random.nextInt(1_500_000);
                        try {
                            write(main, step, noise(step, length));
                            lengths.put(step, length);
                        } catch (CowException full) {
                            assertEquals(ErrorKind.NO_SPACE, full.kind());
                        }
                    }
                    case 3 -> {
                        if (!lengths.isEmpty()) {
                            int gone =
                                    List.copyOf(lengths.keySet())
                                            .get(random.nextInt(lengths.size()));
                            main.unlink(Volume.ROOT_INODE, name(gone));
                            lengths.remove(gone);
                        }
                    }
                    case 4 -> {
                        pool.close();
                        assertClean();
                        pool = open();
                    }
                    default -> {
                        long size = MIB * (32 + random.nextInt(220)) + random.nextInt(1 << 24);
                        long before = pool.info().sizeBytes();
                        try {
                            assertEquals(before, pool.resize(size));
                            assertEquals(size & -Blocks.SIZE, pool.info().sizeBytes());
                            resized++;
                        } catch (CowException refusal) {
                            assertTrue(
                                    refusal.kind() == ErrorKind.NO_SPACE
                                            || refusal.kind() == ErrorKind.INVALID,
                                    refusal.getMessage());
                            assertEquals(before, pool.info().sizeBytes());
                            refused++;
                        }
                    }
                }
            }
            for (Map.Entry<Integer, Integer> each : lengths.entrySet()) {
                assertArrayEquals(
                        noise(each.getKey(), each.getValue()),
                        read(pool.volume(Ref.MAIN), each.getKey(), each.getValue()));
            }
        } finally {
            pool.close();
        }
        assertClean();
        assertTrue(resized > 5, resized + " resized, " + refused + " refused");
    }

    /// The device is as large as the larger size all along, as a file is that was made larger.
    @Test
    void aPowerCutLeavesTheOldSizeOrTheNew() throws IOException {
        make(64 * MIB, 4096, 2).close();
        MemoryDevice start = device.copy();
        start.resizeTo(200 * MIB);
        CrashDevice recorder = new CrashDevice(start);
        List<Integer> synced = new ArrayList<>();
        try (Pool pool = Images.open(recorder, OPTIONS)) {
            Volume main = pool.volume(Ref.MAIN);
            long[] sizes = {64 * MIB + 4096, 100 * MIB, 99 * MIB - 8192, 150 * MIB, 140 * MIB};
            for (int i = 0; i < sizes.length; i++) {
                write(main, i, noise(i, 200_000));
                pool.resize(sizes[i]);
                synced.add(recorder.eventCount());
            }
        }
        Random random = new Random(7);
        TreeSet<Long> sizes = new TreeSet<>();
        int cuts = 0;
        for (int event = 0; event <= recorder.eventCount(); event++) {
            for (CutPolicy policy :
                    CutPolicy.forUnflushed(recorder.unflushedCount(event), random.nextInt(), 3)) {
                MemoryDevice medium = recorder.cut(event, policy);
                String where = "cut at " + event + ", " + policy;
                try (Pool pool = Images.open(medium.copy(), OPTIONS)) {
                    sizes.add(pool.info().sizeBytes());
                    Volume main = pool.volume(Ref.MAIN);
                    for (int i = 0; i < synced.size() && synced.get(i) <= event; i++) {
                        assertArrayEquals(noise(i, 200_000), read(main, i, 200_000), where);
                    }
                    write(main, 100, noise(100, 5000));
                }
                Images.open(medium, OPTIONS).close();
                assertEquals(List.of(), check(medium).findings(), where);
                cuts++;
            }
        }
        assertEquals(6, sizes.size(), sizes.toString());
        assertTrue(cuts > 100, "cuts: " + cuts);
    }
}
