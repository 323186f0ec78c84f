package cowfs.check;

import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.inode.ExtentUnpacker;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Uncompresses compressed extents whose blocks were read and verified. Memory: one buffer of 128
/// KiB, made when it is needed. Not thread safe.
final class ContentUnpacker {
    private byte @Nullable [] content;

    /// @param position of a sound item of a compressed extent
    /// @param blocks what lies on disk, from its beginning on
    /// @return all blocks of the extent, in an array that is good until the next call; null when
    ///   the bytes are not compressed content of that length
    byte @Nullable [] unpack(byte[] page, int position, byte[] blocks) {
        byte[] target = content;
        if (target == null) {
            target = new byte[ContentItem.MAX_COMPRESSED_BLOCKS * Blocks.SIZE];
            content = target;
        }
        int wholeBytes = ContentItem.EXTENT_BLOCKS.get(page, position) * Blocks.SIZE;
        ByteBuffer whole = ByteBuffer.wrap(target, 0, wholeBytes);
        return ExtentUnpacker.uncompress(page, position, blocks, whole) ? target : null;
    }
}
