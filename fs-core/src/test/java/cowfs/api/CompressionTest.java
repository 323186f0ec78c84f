package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What compression does to space, and what it leaves as it is.
final class CompressionTest {
    private static final int BLOCK = 4096;
    private static final int SECTORS_PER_BLOCK = 8;
    private static final int EXTENT = 32 * BLOCK;

    private static long file(Volume volume, String name) throws IOException {
        return volume.create(
                        Volume.ROOT_INODE, SampleImages.name(name), NewInode.regular(0644, 1, 2))
                .inode();
    }

    private static byte[] random(long seed, int count) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /// Bytes that become about an eighth; no block is like another.
    private static byte[] packable(long seed, int count) {
        byte[] bytes = random(seed, count);
        for (int i = 0; i < count; i++) {
            if (i % 512 >= 64) {
                bytes[i] = 0;
            }
        }
        return bytes;
    }

    private static byte[] read(Volume volume, long inode) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) volume.getAttributes(inode).sizeBytes());
        volume.read(inode, 0, all);
        return all.array();
    }

    private static long blocks(Volume volume, long inode) throws IOException {
        return volume.getAttributes(inode).blockCount() / SECTORS_PER_BLOCK;
    }

    private static MemoryDevice image(String compress, SampleImages.Work work) throws IOException {
        MemoryDevice image =
                SampleImages.image(
                        4096,
                        2,
                        pool -> {
                            pool.setProperty(Ref.MAIN, "compress", compress);
                            work.on(pool);
                        });
        assertClean(image);
        return image;
    }

    private static void assertClean(MemoryDevice image) throws IOException {
        assertEquals(List.of(), Images.check(image.copy(), (done, total) -> {}).findings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lz4", "zstd", "zstd:9"})
    void contentTakesLessSpaceAndStaysAsItIs(String how) throws IOException {
        byte[] content = packable(1, 1 << 20);
        MemoryDevice image =
                image(
                        how,
                        pool -> {
                            Volume main = pool.volume(Ref.MAIN);
                            long file = file(main, "f");
                            main.write(file, 0, ByteBuffer.wrap(content));
                            assertArrayEquals(content, read(main, file));
                            assertTrue(
                                    blocks(main, file) < 256 / 4, "blocks " + blocks(main, file));
                        });
        SampleImages.change(
                image,
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = main.lookup(Volume.ROOT_INODE, SampleImages.name("f")).inode();
                    assertArrayEquals(content, read(main, file));
                    byte[] some = new byte[10_000];
                    for (int from : new int[] {0, 1, 4095, EXTENT - 5000, 777_777}) {
                        ByteBuffer target = ByteBuffer.allocateDirect(some.length);
                        assertEquals(some.length, main.read(file, from, target));
                        target.get(0, some);
                        assertArrayEquals(
                                Arrays.copyOfRange(content, from, from + some.length), some);
                    }
                });
    }

    @Test
    void whatDoesNotGetSmallerStaysPlainInTheSameFile() throws IOException {
        byte[] content = random(2, 3 * EXTENT);
        System.arraycopy(packable(3, EXTENT), 0, content, EXTENT, EXTENT);
        image(
                "zstd",
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = file(main, "mixed");
                    main.write(file, 0, ByteBuffer.wrap(content));
                    long blocks = blocks(main, file);
                    assertTrue(blocks > 64 && blocks < 64 + 16, "blocks " + blocks);
                    assertArrayEquals(content, read(main, file));
                });
    }

    /// An extent is given back when its last part goes, and its parts count as much as it.
    @Test
    void partsOfAnExtentKeepItUntilTheLastOneGoes() throws IOException {
        image(
                "lz4",
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = file(main, "f");
                    byte[] content = packable(4, EXTENT);
                    main.write(file, 0, ByteBuffer.wrap(content));
                    long whole = blocks(main, file);
                    pool.sync();
                    assertEquals(whole * BLOCK, pool.info().dataBytes());
                    // the middle goes, in two states, and then one half and the other
                    main.allocate(file, AllocateMode.PUNCH_HOLE, 10 * BLOCK, 4L * BLOCK);
                    Arrays.fill(content, 10 * BLOCK, 14 * BLOCK, (byte) 0);
                    assertArrayEquals(content, read(main, file));
                    long left = blocks(main, file);
                    assertTrue(left < whole, whole + " blocks, then " + left);
                    pool.sync();
                    main.write(file, 20L * BLOCK, ByteBuffer.wrap(random(5, BLOCK)));
                    System.arraycopy(random(5, BLOCK), 0, content, 20 * BLOCK, BLOCK);
                    assertArrayEquals(content, read(main, file));
                    main.setAttributes(file, AttributeChange.ofSize(10L * BLOCK));
                    assertArrayEquals(Arrays.copyOf(content, 10 * BLOCK), read(main, file));
                    pool.sync();
                    main.setAttributes(file, AttributeChange.ofSize(0));
                    assertEquals(0, blocks(main, file));
                    pool.sync();
                    assertEquals(0, pool.info().dataBytes());
                });
    }

    @Test
    void snapshotsAndCopiesShareCompressedExtents() throws IOException {
        byte[] content = packable(6, 5 * EXTENT + 3 * BLOCK + 17);
        image(
                "zstd:1",
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = file(main, "f");
                    main.write(file, 0, ByteBuffer.wrap(content));
                    pool.snapshot(Ref.parse("main@then"));
                    pool.sync();
                    long used = pool.info().usedBytes();
                    long copy = file(main, "copy");
                    // a range that begins and ends inside of extents
                    long from = 5 * BLOCK;
                    long count = 2 * EXTENT + 7 * BLOCK;
                    assertEquals(
                            count,
                            main.copyRange(main, file, from, copy, from, count, SetIdBits.KEEP));
                    pool.sync();
                    assertTrue(pool.info().usedBytes() - used < 16 * BLOCK, "no data was copied");
                    byte[] want = new byte[(int) (from + count)];
                    System.arraycopy(content, (int) from, want, (int) from, (int) count);
                    assertArrayEquals(want, read(main, copy));
                    main.write(file, EXTENT + 3, ByteBuffer.wrap(random(7, 3 * BLOCK)));
                    main.unlink(Volume.ROOT_INODE, SampleImages.name("f"));
                    assertArrayEquals(want, read(main, copy));
                    Volume then = pool.volume(Ref.parse("main@then"));
                    assertArrayEquals(content, read(then, file));
                    pool.delete(List.of(Ref.parse("main@then")));
                    pool.awaitReclaim();
                    assertArrayEquals(want, read(main, copy));
                });
    }

    @Test
    void theChoiceHoldsForNewContentOnlyAndForClones() throws IOException {
        byte[] content = packable(8, EXTENT);
        image(
                "off",
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long before = file(main, "before");
                    main.write(before, 0, ByteBuffer.wrap(content));
                    assertEquals(32, blocks(main, before));
                    pool.setProperty(Ref.MAIN, "compress", "lz4");
                    assertEquals(32, blocks(main, before));
                    long after = file(main, "after");
                    main.write(after, 0, ByteBuffer.wrap(content));
                    assertTrue(blocks(main, after) < 16);
                    pool.cloneSubvolume(Ref.MAIN, "clone");
                    pool.setProperty(Ref.MAIN, "compress", null);
                    long plain = file(main, "plain");
                    main.write(plain, 0, ByteBuffer.wrap(content));
                    assertEquals(32, blocks(main, plain));
                    Volume clone = pool.volume(Ref.parse("clone"));
                    long other = file(clone, "other");
                    clone.write(other, 0, ByteBuffer.wrap(content));
                    assertTrue(blocks(clone, other) < 16);
                });
    }

    @Test
    void equalCompressedFilesAreFoundAndShared() throws IOException {
        byte[] content = packable(9, 8 * EXTENT);
        image(
                "zstd",
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long one = file(main, "one");
                    long two = file(main, "two");
                    main.write(one, 0, ByteBuffer.wrap(content));
                    main.write(two, 0, ByteBuffer.wrap(content));
                    long blocks = blocks(main, two);
                    DedupReport done =
                            pool.dedup(List.of(new FilePlace(Ref.MAIN, FilePath.ROOT)), EXTENT);
                    assertEquals(blocks * BLOCK, done.sharedBytes());
                    assertArrayEquals(content, read(main, two));
                    assertEquals(blocks, blocks(main, two));
                });
    }

    /// Whole extents and what files say for themselves; parts of extents come as bytes.
    @ParameterizedTest
    @ValueSource(strings = {"lz4", "zstd:9"})
    void compressedExtentsTravelAsTheyAre(String how) throws IOException {
        byte[] content = packable(11, 4 * EXTENT + 5 * BLOCK + 100);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        long[] blocks = new long[1];
        image(
                how,
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = file(main, "f");
                    main.write(file, 0, ByteBuffer.wrap(content));
                    blocks[0] = blocks(main, file);
                    main.write(file, EXTENT + BLOCK, ByteBuffer.wrap(random(12, BLOCK)));
                    System.arraycopy(random(12, BLOCK), 0, content, EXTENT + BLOCK, BLOCK);
                    FilePlace place = new FilePlace(Ref.MAIN, FilePath.of("f"));
                    pool.setProperty(place, "compress", "zstd:5");
                    pool.snapshot(Ref.parse("main@sent"));
                    pool.streams().send(SendRequest.of(Ref.parse("main@sent")), stream);
                });
        assertTrue(
                stream.size() < (blocks[0] + 64) * BLOCK,
                "bytes " + stream.size() + " for blocks " + blocks[0]);
        MemoryDevice received =
                SampleImages.image(
                        8192,
                        1,
                        pool -> {
                            pool.streams()
                                    .receive("got", new ByteArrayInputStream(stream.toByteArray()));
                            Volume got = pool.volume(Ref.parse("got"));
                            long file =
                                    got.lookup(Volume.ROOT_INODE, SampleImages.name("f")).inode();
                            assertArrayEquals(content, read(got, file));
                            // the part of an extent before and behind the overwritten block is
                            // plain
                            assertTrue(blocks(got, file) <= blocks[0] + 32);
                            assertEquals(
                                    Map.of("compress", "zstd:5"),
                                    pool.properties(
                                            new FilePlace(Ref.parse("got"), FilePath.of("f"))));
                        });
        assertClean(received);
    }

    @Test
    void aDamagedBlockIsAnErrorAndNeverOtherBytes() throws IOException {
        byte[] content = packable(10, EXTENT);
        MemoryDevice image =
                image(
                        "lz4",
                        pool -> {
                            Volume main = pool.volume(Ref.MAIN);
                            main.write(file(main, "f"), 0, ByteBuffer.wrap(content));
                        });
        byte[] sample = Arrays.copyOf(content, 64);
        byte[] block = new byte[BLOCK];
        int hits = 0;
        for (long at = 0; at < SampleImages.SIZE_BYTES; at += BLOCK) {
            image.read(at, ByteBuffer.wrap(block));
            if (indexOf(block, sample) >= 0) {
                MemoryDevice damaged = image.copy();
                block[indexOf(block, sample) + 5] ^= 1;
                damaged.write(at, ByteBuffer.wrap(block));
                assertEquals(
                        1, Images.check(damaged.copy(), (done, total) -> {}).findings().size());
                try (Pool pool = Images.open(damaged, OpenOptions.READ_ONLY)) {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = main.lookup(Volume.ROOT_INODE, SampleImages.name("f")).inode();
                    CowException refused =
                            Assertions.assertThrows(CowException.class, () -> read(main, file));
                    assertEquals(ErrorKind.CORRUPT, refused.kind());
                }
                hits++;
            }
        }
        assertEquals(1, hits, "the compressed bytes begin with the content's");
    }

    private static int indexOf(byte[] in, byte[] what) {
        for (int at = 0; at + what.length <= in.length; at++) {
            if (Arrays.equals(in, at, at + what.length, what, 0, what.length)) {
                return at;
            }
        }
        return -1;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "on", "zstd:20", "gzip"})
    void otherChoicesAreRefused(String value) throws IOException {
        image(
                "off",
                pool -> {
                    CowException refused =
                            Assertions.assertThrows(
                                    CowException.class,
                                    () -> pool.setProperty(Ref.MAIN, "compress", value));
                    assertEquals(ErrorKind.INVALID, refused.kind());
                    assertNotNull(refused.getMessage());
                    assertTrue(refused.getMessage().contains("zstd:19"), refused.getMessage());
                });
    }
}
