package cowfs.inode;

import cowfs.compress.Algorithm;
import cowfs.compress.Compressors;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.txn.DataStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads compressed extents, verifies every block of them, and uncompresses them.
///
/// What a caller gets has the bytes that were compressed, or there is an error: the checksums are
/// of what lies on disk, and what verifies there but is no compressed content of the length that
/// the item states is refused.
///
/// Memory: two buffers of 128 KiB, made when they are needed. Not thread safe.
public final class ExtentUnpacker {
    private final DataStore data;
    private byte @Nullable [] packed;
    private byte @Nullable [] whole;

    public ExtentUnpacker(DataStore data) {
        this.data = data;
    }

    /// The whole extent that an item names.
    ///
    /// @param item a sound one of a compressed extent
    /// @param where its place, for the message
    /// @return all of its blocks, in a buffer that is good until the next call
    /// @throws CorruptException when its bytes are damaged
    public ByteBuffer unpack(byte[] item, String where) throws IOException {
        byte[] target = whole;
        if (target == null) {
            target = new byte[ContentItem.MAX_COMPRESSED_BLOCKS * Blocks.SIZE];
            whole = target;
        }
        ByteBuffer content =
                ByteBuffer.wrap(target, 0, ContentItem.EXTENT_BLOCKS.get(item, 0) * Blocks.SIZE);
        unpack(item, where, content.duplicate());
        return content;
    }

    /// The same into a buffer of just that length.
    void unpack(byte[] item, String where, ByteBuffer target) throws IOException {
        byte[] source = packed;
        if (source == null) {
            source = new byte[ContentItem.MAX_COMPRESSED_BLOCKS * Blocks.SIZE];
            packed = source;
        }
        long address = ContentItem.ADDRESS.get(item, 0);
        int count = ContentItem.diskBlocks(item, 0);
        data.read(address, ByteBuffer.wrap(source, 0, count * Blocks.SIZE));
        for (int i = 0; i < count; i++) {
            int crc = Checksum.crc32c(source, i * Blocks.SIZE, Blocks.SIZE);
            int want = ContentItem.crc(item, 0, i);
            if (crc != want) {
                data.noteDamaged(address + i);
                throw new CorruptException(
                        "data",
                        where + " block=" + (address + i),
                        "crc has "
                                + Integer.toHexString(crc)
                                + " want "
                                + Integer.toHexString(want));
            }
        }
        if (!uncompress(item, 0, source, target)) {
            data.noteDamaged(address);
            throw new CorruptException(
                    "data", where + " block=" + address, "it can't be uncompressed");
        }
    }

    /// Uncompresses what was read and verified.
    ///
    /// @param position of a sound item of a compressed extent
    /// @param blocks what lies on disk, from its beginning on
    /// @param target as long as the whole extent
    /// @return false when the bytes are not compressed content of that length
    public static boolean uncompress(byte[] page, int position, byte[] blocks, ByteBuffer target) {
        Algorithm algorithm =
                ContentItem.ENCODING.get(page, position) == ContentItem.LZ4
                        ? Algorithm.LZ4
                        : Algorithm.ZSTD;
        int lengthBytes = ContentItem.COMPRESSED_BYTES.get(page, position);
        return Compressors.uncompress(algorithm, blocks, lengthBytes, target);
    }
}
