package cowfs.check;

import cowfs.block.NodeStore;
import cowfs.device.BlockDevice;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.ScrubDamageItem;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The part of a scrub that reads file data: every block that an extent item names, once, against
/// the checksum in the item.
///
/// Data is there once, so that nothing can be repaired: what does not verify is lost, and listed
/// with the first file that is met with it. Memory: one buffer of 512 KiB, and the bits that it is
/// given. Not thread safe.
final class ExtentScrub {
    private final BlockDevice device;
    private final NodeStore nodes;
    private final BlockBits done;
    private final long startTxg;
    private final ScrubTally tally;
    private final byte[] buffer = new byte[ContentItem.MAX_PLAIN_BLOCKS * Blocks.SIZE];

    /// @param done set for each block that was read
    /// @param startTxg younger data is not looked at
    ExtentScrub(
            BlockDevice device, NodeStore nodes, BlockBits done, long startTxg, ScrubTally tally) {
        this.device = device;
        this.nodes = nodes;
        this.done = done;
        this.startTxg = startTxg;
        this.tally = tally;
    }

    /// Verifies what a content item names.
    ///
    /// @param skip only mark it: an earlier process has read it
    /// @return the blocks that were read
    int scrub(long tree, Key key, byte[] page, int position, int lengthBytes, boolean skip) {
        String damage = ContentItem.check(page, position, lengthBytes);
        if (damage != null) {
            tally.addLost(new ScrubDamageItem(false, tree, key.inode(), key.offset(), 1, 0));
            return 0;
        }
        if (!ContentItem.hasCrcs(page, position)
                || ContentItem.BIRTH_TXG.get(page, position) > startTxg) {
            return 0;
        }
        long address = ContentItem.ADDRESS.get(page, position);
        int count = ContentItem.diskBlocks(page, position);
        if (address > nodes.deviceBlocks() - count) {
            tally.addLost(
                    new ScrubDamageItem(false, tree, key.inode(), key.offset(), count, address));
            return 0;
        }
        int read = 0;
        int from = 0;
        while (from < count) {
            int to = from;
            while (to < count && !done.get(address + to)) {
                done.set(address + to++);
            }
            if (to > from && !skip) {
                verify(tree, key, page, position, from, to);
                read += to - from;
            }
            from = Math.max(to, from + 1);
        }
        return read;
    }

    private void verify(long tree, Key key, byte[] page, int position, int from, int to) {
        long address = ContentItem.ADDRESS.get(page, position);
        tally.addVerified(to - from);
        boolean whole = read(address + from, to - from);
        int badFrom = -1;
        for (int i = from; i <= to; i++) {
            boolean good =
                    i == to
                            || ((whole || read(address + i, 1))
                                    && Checksum.crc32c(
                                                    buffer,
                                                    whole ? (i - from) * Blocks.SIZE : 0,
                                                    Blocks.SIZE)
                                            == ContentItem.crc(page, position, i));
            if (!good && badFrom < 0) {
                badFrom = i;
            } else if (good && badFrom >= 0) {
                nodes.damage().unreadable(address + badFrom, i - badFrom);
                tally.addLost(
                        new ScrubDamageItem(
                                false,
                                tree,
                                key.inode(),
                                key.offset() + Blocks.toBytes(badFrom),
                                i - badFrom,
                                address + badFrom));
                badFrom = -1;
            }
        }
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
