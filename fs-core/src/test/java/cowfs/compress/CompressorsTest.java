package cowfs.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.airlift.compress.v3.lz4.Lz4JavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CompressorsTest {
    private static final int LENGTH = 128 << 10;

    static Stream<Compression> choices() {
        return Stream.of(
                Compression.LZ4,
                new Compression(Algorithm.ZSTD, 1),
                new Compression(Algorithm.ZSTD, 3),
                new Compression(Algorithm.ZSTD, Compression.MAX_LEVEL));
    }

    /// Words of a small vocabulary.
    static byte[] text(long seed, int length) {
        Random random = new Random(seed);
        byte[][] words = new byte[500][];
        for (int i = 0; i < words.length; i++) {
            words[i] = new byte[2 + random.nextInt(9)];
            for (int j = 0; j < words[i].length; j++) {
                words[i][j] = (byte) ('a' + random.nextInt(26));
            }
        }
        byte[] text = new byte[length];
        for (int at = 0; at < length; at++) {
            byte[] word = words[random.nextInt(words.length)];
            int count = Math.min(word.length, length - at);
            System.arraycopy(word, 0, text, at, count);
            at += count;
        }
        return text;
    }

    private static byte[] compress(Compression how, byte[] content) {
        byte[] target = new byte[Compressors.maxCompressedBytes(how, content.length)];
        ByteBuffer source = ByteBuffer.wrap(content);
        int count = Compressors.compress(how, source, target);
        assertEquals(content.length, source.remaining(), "the source stays as it is");
        return Arrays.copyOf(target, count);
    }

    @ParameterizedTest
    @MethodSource("choices")
    void whatIsCompressedComesBack(Compression how) {
        for (int length : new int[] {8192, 12288, LENGTH}) {
            byte[] content = text(length, length);
            byte[] packed = compress(how, content);
            assertTrue(packed.length < length * 3 / 4, how + " " + packed.length);
            ByteBuffer direct = ByteBuffer.allocateDirect(length);
            assertTrue(Compressors.uncompress(how.algorithm(), packed, packed.length, direct));
            byte[] back = new byte[length];
            direct.get(0, back);
            assertArrayEquals(content, back);
        }
    }

    /// A machine without the C libraries reads what one with them wrote, and the other way round.
    @Test
    void theJavaCompressorsWriteTheSameFormats() {
        byte[] content = text(7, LENGTH);
        byte[] target = new byte[2 * LENGTH];
        ByteBuffer back = ByteBuffer.allocate(LENGTH);
        int count = new Lz4JavaCompressor().compress(content, 0, LENGTH, target, 0, target.length);
        assertTrue(Compressors.uncompress(Algorithm.LZ4, target, count, back));
        assertArrayEquals(content, back.array());
        back = ByteBuffer.allocate(LENGTH);
        count = new ZstdJavaCompressor().compress(content, 0, LENGTH, target, 0, target.length);
        assertTrue(Compressors.uncompress(Algorithm.ZSTD, target, count, back));
        assertArrayEquals(content, back.array());
    }

    @ParameterizedTest
    @MethodSource("choices")
    void anotherLengthIsRefused(Compression how) {
        byte[] packed = compress(how, text(3, LENGTH));
        for (int length : new int[] {4096, LENGTH - 4096, LENGTH - 1, LENGTH + 1, 2 * LENGTH}) {
            ByteBuffer target = ByteBuffer.allocate(length);
            assertFalse(
                    Compressors.uncompress(how.algorithm(), packed, packed.length, target),
                    how + " into " + length);
        }
        for (int cut : new int[] {0, 1, packed.length / 2, packed.length - 1}) {
            ByteBuffer target = ByteBuffer.allocate(LENGTH);
            assertFalse(
                    Compressors.uncompress(how.algorithm(), packed, cut, target), how + " " + cut);
        }
    }

    /// No crash, no other error, no byte outside of the target, whatever the bytes are.
    @ParameterizedTest
    @MethodSource("choices")
    void damagedBytesEndInARefusalOrInBytes(Compression how) {
        byte[] packed = compress(how, text(5, LENGTH));
        Random random = new Random(9);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] bad = packed.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                int near = random.nextBoolean() ? Math.min(64, bad.length) : bad.length;
                bad[random.nextInt(near)] = (byte) random.nextInt();
            }
            byte[] around = new byte[LENGTH + 200];
            ByteBuffer target = ByteBuffer.wrap(around, 100, LENGTH).slice();
            boolean good = Compressors.uncompress(how.algorithm(), bad, bad.length, target);
            refused += good ? 0 : 1;
            for (int j = 0; j < 100; j++) {
                assertEquals(0, around[j] | around[around.length - 1 - j]);
            }
        }
        assertTrue(refused > 100, "refused " + refused);
    }

    @Test
    void onlyRandomBytesLookRandom() {
        byte[] random = new byte[LENGTH];
        for (int seed = 0; seed < 50; seed++) {
            new Random(seed).nextBytes(random);
            assertTrue(Compressors.looksRandom(ByteBuffer.wrap(random)), "seed " + seed);
            assertTrue(Compressors.looksRandom(ByteBuffer.wrap(random, 0, 8192)), "seed " + seed);
        }
        assertFalse(Compressors.looksRandom(ByteBuffer.wrap(text(1, LENGTH))));
        assertFalse(Compressors.looksRandom(ByteBuffer.wrap(new byte[LENGTH])));
        byte[] packed = compress(new Compression(Algorithm.ZSTD, 9), text(1, 1 << 20));
        assertTrue(Compressors.looksRandom(ByteBuffer.wrap(packed)));
        Random letters = new Random(4);
        for (int i = 0; i < random.length; i++) {
            random[i] =
                    (byte)
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                                    .charAt(letters.nextInt(64));
        }
        assertFalse(Compressors.looksRandom(ByteBuffer.wrap(random)), "base64 of random bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "lz4", "zstd:1", "zstd:9", "zstd:19"})
    void aChoiceIsReadAsItIsWritten(String text) {
        assertEquals(text, String.valueOf(Compression.parse(text)));
    }

    @Test
    void zstdAloneIsItsOwnChoiceOfALevel() {
        assertEquals(new Compression(Algorithm.ZSTD, 3), Compression.parse("zstd"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "on", "ZSTD", "zstd:", "zstd:0", "zstd:20", "zstd:03", "lz4:1", "zlib"})
    void otherWordsAreNoChoice(String text) {
        assertNull(Compression.parse(text));
    }
}
