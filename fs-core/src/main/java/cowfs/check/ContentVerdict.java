package cowfs.check;

import cowfs.check.BlockLedger.Role;
import cowfs.device.BlockDevice;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/// Tells which blocks of an extent can be read, for the mending of files. Blocks are read once
/// unless the check has found items that contradict each other. Memory: {@link BlockBits}, and the
/// bad blocks. Not thread safe.
final class ContentVerdict {
    private final BlockDevice device;
    private final BlockLedger claims;
    private final boolean trusting;
    private final boolean contradictions;
    private final BlockBits seen;
    private final Set<Long> bad = new HashSet<>();
    private final ContentUnpacker unpacker = new ContentUnpacker();
    private final byte[] buffer = new byte[ContentItem.MAX_PLAIN_BLOCKS * Blocks.SIZE];

    /// @param claims where nodes and superblocks lie
    /// @param trusting whether all data was found good by the check
    /// @param contradictions whether items disagree about the checksum of a block
    ContentVerdict(
            BlockDevice device, BlockLedger claims, boolean trusting, boolean contradictions) {
        this.device = device;
        this.claims = claims;
        this.trusting = trusting;
        this.contradictions = contradictions;
        this.seen = new BlockBits(claims.blockCount());
    }

    /// For each block on disk of an extent whether it is good. Those of a compressed one are all
    /// bad when it can't be uncompressed.
    boolean[] of(byte[] page, int position) {
        long address = ContentItem.ADDRESS.get(page, position);
        int count = ContentItem.diskBlocks(page, position);
        boolean written = ContentItem.hasCrcs(page, position);
        boolean[] good = new boolean[count];
        if (!claims.isInside(address, count)) {
            return good;
        }
        boolean read = written && !trusting && read(address, count);
        for (int i = 0; i < count; i++) {
            long block = address + i;
            good[i] = claims.role(block) == Role.NONE;
            if (good[i] && written && !trusting) {
                good[i] = isGood(block, read ? i : -1, ContentItem.crc(page, position, i));
            }
        }
        if (read
                && ContentItem.isCompressed(page, position)
                && unpacker.unpack(page, position, buffer) == null) {
            return new boolean[count];
        }
        return good;
    }

    /// Whether the last block that an item of a compressed extent stands for is zero from a byte
    /// on; the extent is good.
    boolean isZeroFrom(byte[] page, int position, int from) {
        if (trusting
                || !read(
                        ContentItem.ADDRESS.get(page, position),
                        ContentItem.diskBlocks(page, position))) {
            return true;
        }
        byte[] content = unpacker.unpack(page, position, buffer);
        int last =
                ContentItem.FIRST_BLOCK.get(page, position)
                        + ContentItem.LENGTH.get(page, position)
                        - 1;
        return content == null || isZero(content, last * Blocks.SIZE, from);
    }

    private static boolean isZero(byte[] bytes, int at, int from) {
        for (int i = from; i < Blocks.SIZE; i++) {
            if (bytes[at + i] != 0) {
                return false;
            }
        }
        return true;
    }

    /// Whether bytes of a block from `from` on are all zero; the block is good.
    boolean isZeroFrom(long block, int from) {
        return trusting || !read(block, 1) || isZero(buffer, 0, from);
    }

    private boolean isGood(long block, int inBuffer, int want) {
        if (seen.get(block) && !contradictions) {
            return !bad.contains(block);
        }
        seen.set(block);
        boolean readable = inBuffer >= 0 || read(block, 1);
        int at = Math.max(0, inBuffer) * Blocks.SIZE;
        if (readable && Checksum.crc32c(buffer, at, Blocks.SIZE) == want) {
            return true;
        }
        bad.add(block);
        return false;
    }

    private boolean read(long block, int count) {
        try {
            device.read(Blocks.toBytes(block), ByteBuffer.wrap(buffer, 0, count * Blocks.SIZE));
            return true;
        } catch (IOException unreadable) {
            return false;
        }
    }
}
