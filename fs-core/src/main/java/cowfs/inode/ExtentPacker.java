package cowfs.inode;

import cowfs.compress.Algorithm;
import cowfs.compress.Compression;
import cowfs.compress.Compressors;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Compresses new content, one extent at a time.
///
/// - An extent is at most 128 KiB and ends at a multiple of that in the file, so that content which
///   is written again in pieces of that size replaces extents whole.
/// - One that would not become an eighth smaller on disk, and by a block, stays plain: it would be
///   uncompressed at every read for nothing. Content that looks random is not even tried.
///
/// Memory: one buffer of about 128 KiB. Not thread safe.
final class ExtentPacker {
    private static final int MIN_SAVING = 8;

    private final Compression how;
    private byte @Nullable [] buffer;
    private int packedBytes;

    ExtentPacker(Compression how) {
        this.how = how;
    }

    /// How many blocks of a range go into its first extent.
    ///
    /// @param block of the file, where the range begins
    static int chunkBlocks(long block, int blockCount) {
        int most = ContentItem.MAX_COMPRESSED_BLOCKS;
        return Math.min(blockCount, most - (int) (block % most));
    }

    /// Compresses whole blocks.
    ///
    /// @return whole blocks, in a buffer that is good until the next call; null when they are
    ///   better left as they are
    @Nullable ByteBuffer pack(ByteBuffer content) {
        int blockCount = content.remaining() / Blocks.SIZE;
        if (blockCount < 2
                || (how.algorithm() == Algorithm.ZSTD && Compressors.looksRandom(content))) {
            return null;
        }
        int room =
                Compressors.maxCompressedBytes(
                        how, ContentItem.MAX_COMPRESSED_BLOCKS * Blocks.SIZE);
        byte[] target = buffer;
        if (target == null) {
            target = new byte[room];
            buffer = target;
        }
        packedBytes = Compressors.compress(how, content, target);
        int packedBlocks = (int) Blocks.fromBytes(packedBytes);
        if (packedBlocks > blockCount - Math.max(1, blockCount / MIN_SAVING)) {
            return null;
        }
        int end = packedBlocks * Blocks.SIZE;
        Arrays.fill(target, packedBytes, end, (byte) 0);
        return ByteBuffer.wrap(target, 0, end);
    }

    /// How many bytes of what {@link #pack} returned last are compressed content; zeros follow.
    int packedBytes() {
        return packedBytes;
    }

    /// What an item calls the algorithm.
    int encoding() {
        return how.algorithm() == Algorithm.LZ4 ? ContentItem.LZ4 : ContentItem.ZSTD;
    }
}
