package cowfs.compress;

import io.airlift.compress.v3.Compressor;
import io.airlift.compress.v3.Decompressor;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lz4.Lz4Compressor;
import io.airlift.compress.v3.lz4.Lz4Decompressor;
import io.airlift.compress.v3.zstd.ZstdCompressor;
import io.airlift.compress.v3.zstd.ZstdDecompressor;
import io.airlift.compress.v3.zstd.ZstdNativeCompressor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Compresses and uncompresses whole buffers. Stateless and thread safe.
///
/// The library is aircompressor: the C code of lz4 and zstd through the foreign function API where
/// it has them for the machine, else its own in Java, which writes the same formats and knows one
/// level of zstd (`docs/decisions/0015-compression.md`).
public final class Compressors {
    /// How many bytes of a buffer are looked at to tell whether they look random.
    private static final int SAMPLES = 4096;

    private static final int MIN_STRIDE = 7;

    private Compressors() {}

    /// The longest that `lengthBytes` bytes may become: room for an output.
    public static int maxCompressedBytes(Compression how, int lengthBytes) {
        return compressor(how).maxCompressedLength(lengthBytes);
    }

    /// Compresses what remains in `source`, which is not changed.
    ///
    /// @param target from its beginning on; at least {@link #maxCompressedBytes} long
    /// @return how many bytes
    public static int compress(Compression how, ByteBuffer source, byte[] target) {
        return compressor(how)
                .compress(MemorySegment.ofBuffer(source), MemorySegment.ofArray(target));
    }

    /// Fills what remains in `target`, which is not changed otherwise.
    ///
    /// @param lengthBytes how many bytes of `source` from its beginning on are compressed
    /// @return false when they are damaged, or are not exactly what fills the target, whose bytes
    ///   then mean nothing
    public static boolean uncompress(
            Algorithm algorithm, byte[] source, int lengthBytes, ByteBuffer target) {
        MemorySegment from = MemorySegment.ofArray(source).asSlice(0, lengthBytes);
        try {
            return decompressor(algorithm).decompress(from, MemorySegment.ofBuffer(target))
                    == target.remaining();
        } catch (MalformedInputException | IllegalArgumentException damaged) {
            return false;
        }
    }

    /// Whether bytes look so random that an attempt to compress them would be in vain: encrypted,
    /// or compressed already. Looks at a few thousand of them.
    ///
    /// Random bytes meet the same value again in one of 256 pairs. Text and machine code do far
    /// more often; the formats of pictures, sound and archives hardly more.
    public static boolean looksRandom(ByteBuffer bytes) {
        int count = bytes.remaining();
        int stride = Math.max(1, count / SAMPLES);
        // a stride that is no power of two: columns of a table are not all the same one
        stride = stride > 1 ? Math.max(MIN_STRIDE, stride | 1) : 1;
        int[] seen = new int[256];
        int samples = 0;
        for (int at = bytes.position(); at < bytes.limit(); at += stride) {
            seen[bytes.get(at) & 0xff]++;
            samples++;
        }
        long pairs = 0;
        for (int each : seen) {
            pairs += (long) each * (each - 1);
        }
        long random = (long) samples * (samples - 1) / 256;
        return pairs <= random + random / 16;
    }

    private static Compressor compressor(Compression how) {
        return switch (how.algorithm()) {
            case LZ4 -> Lz4Compressor.create();
            case ZSTD ->
                    ZstdNativeCompressor.isEnabled()
                            ? ZstdCompressor.create(how.level())
                            : ZstdCompressor.create();
            case NONE -> throw new IllegalArgumentException("nothing is to be compressed");
        };
    }

    private static Decompressor decompressor(Algorithm algorithm) {
        return switch (algorithm) {
            case LZ4 -> Lz4Decompressor.create();
            case ZSTD -> ZstdDecompressor.create();
            case NONE -> throw new IllegalArgumentException("nothing is compressed");
        };
    }
}
