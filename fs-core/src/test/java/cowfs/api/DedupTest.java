package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.check.SampleImages;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Equal content that comes to share its blocks, and nothing else changes.
final class DedupTest {
    private static final int BLOCK = 4096;
    private static final OpenOptions OPTIONS = new OpenOptions(false, 4 << 20, Duration.ZERO);

    private static FilePlace place(String text) throws IOException {
        return new FilePlace(Ref.parse(text), FilePath.ROOT);
    }

    private static long file(Volume volume, String name) throws IOException {
        return volume.create(
                        Volume.ROOT_INODE, SampleImages.name(name), NewInode.regular(0644, 1, 2))
                .inode();
    }

    private static byte[] bytes(long seed, int count) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] read(Volume volume, long inode) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) volume.getAttributes(inode).sizeBytes());
        volume.read(inode, 0, all);
        return all.array();
    }

    private static void assertClean(MemoryDevice image) throws IOException {
        assertEquals(List.of(), Images.check(image.copy(), (done, total) -> {}).findings());
    }

    @Test
    void equalFilesShareAndComeApartAgain() throws IOException {
        byte[] content = bytes(1, 1_000_000);
        MemoryDevice image =
                SampleImages.image(
                        4096,
                        2,
                        pool -> {
                            Volume main = pool.volume(Ref.MAIN);
                            long one = file(main, "one");
                            long two = file(main, "two");
                            for (long each : new long[] {one, two}) {
                                main.write(each, 0, ByteBuffer.wrap(content));
                            }
                            main.write(two, 300_000, ByteBuffer.wrap(bytes(2, 1)));
                            pool.createSubvolume("other");
                            Volume other = pool.volume(Ref.parse("other"));
                            long three = file(other, "three");
                            other.write(three, 0, ByteBuffer.wrap(content));
                            Object before = main.getAttributes(two);
                            DedupReport done =
                                    pool.dedup(List.of(place("main"), place("other")), 128 << 10);
                            assertEquals(3, done.files());
                            assertEquals(3 * 244 * BLOCK, done.scannedBytes());
                            // one of eight units of the second file differs; the last bytes lie in
                            // the leaf
                            assertEquals((2 * 244 - 32) * BLOCK, done.sharedBytes());
                            assertTrue(
                                    done.usedBytesBefore() - done.usedBytesAfter() > 400L * BLOCK,
                                    done.toString());
                            assertEquals(before, main.getAttributes(two), "times and all");
                            assertArrayEquals(content, read(other, three));
                            assertEquals(
                                    0,
                                    pool.dedup(List.of(place("main"), place("other")), 128 << 10)
                                            .sharedBytes(),
                                    "all that is equal is shared");
                            main.write(one, 0, ByteBuffer.wrap(bytes(3, 200_000)));
                            assertArrayEquals(content, read(other, three));
                            assertEquals(2, pool.list().size(), "nothing hidden is left");
                        });
        assertClean(image);
    }

    @Test
    void progressComesToAllThatIsLookedAtAndMayEndIt() throws IOException {
        SampleImages.image(
                4096,
                1,
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    for (int i = 0; i < 20; i++) {
                        main.write(file(main, "f" + i), 0, ByteBuffer.wrap(bytes(i % 3, 400_000)));
                    }
                    List<Long> told = new ArrayList<>();
                    DedupReport done =
                            pool.dedup(
                                    List.of(place("main")),
                                    128 << 10,
                                    (at, total) -> {
                                        told.add(at);
                                        // all but the last bytes of a file lie in whole blocks
                                        assertEquals(20 * 98L * BLOCK, total);
                                    });
                    assertEquals(told.stream().sorted().toList(), told);
                    assertEquals(done.scannedBytes(), told.getLast());
                    assertTrue(told.size() >= 20, told + "");
                    IOException enough = new IOException("enough");
                    assertEquals(
                            enough,
                            assertThrows(
                                    IOException.class,
                                    () ->
                                            pool.dedup(
                                                    List.of(place("main")),
                                                    4096,
                                                    (at, total) -> {
                                                        throw enough;
                                                    })));
                    pool.awaitReclaim();
                    assertEquals(0, pool.info().reclaimingCount(), "no clone is left");
                });
    }

    /// Files of few different blocks, with holes, cuts, reserved space and copies.
    private static void disturb(Volume volume, Random random, List<Long> files) throws IOException {
        for (int i = 0; i < 40; i++) {
            if (files.size() < 8) {
                files.add(file(volume, "f" + random.nextLong()));
            }
            long inode = files.get(random.nextInt(files.size()));
            long offset = random.nextInt(60) * (long) BLOCK;
            switch (random.nextInt(8)) {
                case 0 -> volume.write(inode, offset + 5, ByteBuffer.wrap(bytes(9, 3)));
                case 1 ->
                        volume.setAttributes(
                                inode, AttributeChange.ofSize(offset + random.nextInt(BLOCK)));
                case 2 -> volume.allocate(inode, AllocateMode.PUNCH_HOLE, offset, 3 * BLOCK);
                case 3 -> volume.allocate(inode, AllocateMode.ALLOCATE, offset, 2 * BLOCK);
                case 4 -> {
                    long other = files.get(random.nextInt(files.size()));
                    if (other != inode) {
                        volume.copyRange(
                                volume, other, offset, inode, offset, 5 * BLOCK, SetIdBits.KEEP);
                    }
                }
                default -> {
                    byte[] content = new byte[BLOCK * (1 + random.nextInt(20))];
                    for (int at = 0; at < content.length; at += BLOCK) {
                        Arrays.fill(content, at, at + BLOCK, (byte) random.nextInt(3));
                    }
                    volume.write(inode, offset, ByteBuffer.wrap(content));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void contentStaysWhateverIsShared(long seed) throws IOException {
        Random random = new Random(seed);
        List<Long> files = new ArrayList<>();
        long[] shared = {0};
        MemoryDevice image = SampleImages.image(4096, 1, pool -> {});
        for (int round = 0; round < 12; round++) {
            int name = round;
            image =
                    SampleImages.change(
                            image,
                            pool -> {
                                Volume main = pool.volume(Ref.MAIN);
                                disturb(main, random, files);
                                if (random.nextBoolean()) {
                                    pool.snapshot(Ref.parse("main@s" + name));
                                }
                                List<byte[]> before = new ArrayList<>();
                                for (long each : files) {
                                    before.add(read(main, each));
                                }
                                int unit = BLOCK << random.nextInt(9);
                                shared[0] += pool.dedup(List.of(place("main")), unit).sharedBytes();
                                for (int i = 0; i < files.size(); i++) {
                                    assertArrayEquals(before.get(i), read(main, files.get(i)));
                                }
                                List<SubvolumeInfo> all = pool.list();
                                if (all.size() > 4) {
                                    pool.delete(List.of(all.get(2).ref()));
                                }
                            });
            assertClean(image);
        }
        assertTrue(shared[0] > 0);
    }

    @Test
    void whatCantBeSharedIsRefused() throws IOException {
        MemoryDevice device = SampleImages.full(4096, 1);
        try (Pool pool = Images.open(device, OPTIONS)) {
            refused(pool, ErrorKind.READ_ONLY, place("main@one"), 4096);
            refused(pool, ErrorKind.NOT_FOUND, place("none"), 4096);
            refused(pool, ErrorKind.NOT_FOUND, new FilePlace(Ref.MAIN, FilePath.of("/none")), 4096);
            for (int unit : new int[] {0, -4096, 2048, 12_288, 2 << 20}) {
                refused(pool, ErrorKind.INVALID, place("main"), unit);
            }
            assertEquals(4, pool.list().size(), "nothing hidden is left");
        }
    }

    private static void refused(Pool pool, ErrorKind kind, FilePlace place, int unit) {
        CowException refusal =
                assertThrows(CowException.class, () -> pool.dedup(List.of(place), unit));
        assertEquals(kind, refusal.kind());
    }
}
