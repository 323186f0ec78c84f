package cowfs.inode;

import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A whole compressed extent in memory.
///
/// @param encoding as in a content item
/// @param blockCount what the bytes become
/// @param bytes not changed by anyone
@SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
public record CompressedContent(int encoding, int blockCount, byte[] bytes) {
    /// Its content; null when the bytes are damaged, or become something of another length.
    public byte @Nullable [] uncompress() {
        byte[] content = new byte[blockCount * Blocks.SIZE];
        boolean good =
                ExtentUnpacker.uncompress(
                        ContentItem.compressedExtent(encoding, 1, blockCount, bytes.length, 1),
                        0,
                        bytes,
                        ByteBuffer.wrap(content));
        return good ? content : null;
    }

    /// As it lies on disk: whole blocks, zero behind the bytes.
    ByteBuffer blocks() {
        int count = (int) Blocks.fromBytes(bytes.length);
        return ByteBuffer.wrap(Arrays.copyOf(bytes, count * Blocks.SIZE));
    }
}
