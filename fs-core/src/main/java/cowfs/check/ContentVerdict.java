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

    /// For each block of an extent whether it is good.
    boolean[] of(byte[] page, int position) {
        long address = ContentItem.ADDRESS.get(page, position);
        int count = ContentItem.blockCount(page, position);
        boolean plain = ContentItem.ENCODING.get(page, position) == ContentItem.PLAIN;
        boolean[] good = new boolean[count];
        if (!claims.isInside(address, count)) {
            return good;
        }
        boolean read = plain && !trusting && read(address, count);
        for (int i = 0; i < count; i++) {
            long block = address + i;
            good[i] = claims.role(block) == Role.NONE;
            if (good[i] && plain && !trusting) {
                good[i] = isGood(block, read ? i : -1, ContentItem.crc(page, position, i));
            }
        }
        return good;
    }

    /// Whether bytes of a block from `from` on are all zero; the block is good.
    boolean isZeroFrom(long block, int from) {
        if (trusting || !read(block, 1)) {
            return true;
        }
        for (int i = from; i < Blocks.SIZE; i++) {
            if (buffer[i] != 0) {
                return false;
            }
        }
        return true;
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
