package cowfs.check;

import cowfs.check.BlockLedger.Role;
import cowfs.device.BlockDevice;
import cowfs.error.CountText;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Claims the data blocks that content items name and verifies their checksums, each block once.
///
/// A shared block is read for the first item that names it; the checksum that others give it is
/// compared with the remembered one. Memory: one buffer of the longest plain extent. Not thread
/// safe.
final class DataCheck {
    private final BlockDevice device;
    private final BlockLedger ledger;
    private final SharedBlocks shared;
    private final Findings findings;
    private final Progress progress;
    private final ContentUnpacker unpacker = new ContentUnpacker();
    private final byte[] buffer = new byte[ContentItem.MAX_PLAIN_BLOCKS * Blocks.SIZE];

    DataCheck(
            BlockDevice device,
            BlockLedger ledger,
            SharedBlocks shared,
            Findings findings,
            Progress progress) {
        this.device = device;
        this.ledger = ledger;
        this.shared = shared;
        this.findings = findings;
        this.progress = progress;
    }

    /// Takes account of the extent item at `position` of a leaf, valid by itself.
    ///
    /// @param sizeBytes length of the file, or -1 when it is not known
    /// @return false when the extent leaves the image
    boolean extent(long tree, Key key, byte[] page, int position, long sizeBytes) {
        long address = ContentItem.ADDRESS.get(page, position);
        int count = ContentItem.diskBlocks(page, position);
        String where = "tree=" + tree + " inode=" + key.inode() + " offset=" + key.offset();
        if (!ledger.isInside(address, count)) {
            findings.add(
                    DamageCode.BAD_POINTER,
                    "content item",
                    where,
                    "a range of "
                            + CountText.of(count, "block")
                            + " from "
                            + address
                            + " on leaves the image");
            return false;
        }
        boolean written = ContentItem.hasCrcs(page, position);
        int form = form(page, position);
        int from = -1;
        for (int i = 0; i < count; i++) {
            boolean read =
                    claim(
                            where,
                            address + i,
                            written,
                            written ? ContentItem.crc(page, position, i) ^ form : 0);
            if (read && from < 0) {
                from = i;
            } else if (!read && from >= 0) {
                verify(where, page, position, from, i, key, sizeBytes);
                from = -1;
            }
        }
        if (from >= 0) {
            verify(where, page, position, from, count, key, sizeBytes);
        }
        return true;
    }

    /// What an item says of how its blocks are to be read, to be compared with what others say of
    /// the same: 0 unless they are compressed.
    private static int form(byte[] page, int position) {
        return ContentItem.isCompressed(page, position)
                ? 31 * ContentItem.COMPRESSED_BYTES.get(page, position)
                        + 8 * ContentItem.EXTENT_BLOCKS.get(page, position)
                        + ContentItem.ENCODING.get(page, position)
                : 0;
    }

    /// @param crc of the block, and {@link #form}
    /// @return whether the block must be read
    private boolean claim(String where, long block, boolean written, int crc) {
        switch (ledger.role(block)) {
            case NONE -> {
                ledger.claim(block, written ? Role.DATA : Role.UNWRITTEN);
                if (!written) {
                    progress.add(1);
                } else if (shared.contains(block)) {
                    ledger.putCrc(block, crc);
                }
                return written;
            }
            case UNWRITTEN -> {
                ledger.addReferences(block, 1);
                if (written) {
                    ledger.becomeWritten(block);
                    if (shared.contains(block)) {
                        ledger.putCrc(block, crc);
                    }
                }
                return written;
            }
            case DATA -> {
                ledger.addReferences(block, 1);
                boolean known = shared.contains(block) && shared.isReadable();
                if (written && known && ledger.crc(block) != crc) {
                    findings.add(
                            DamageCode.CHECKSUM_CONFLICT,
                            "content item",
                            where + " block=" + block,
                            "checksum or form is "
                                    + Integer.toHexString(crc)
                                    + ", another item says "
                                    + Integer.toHexString(ledger.crc(block)));
                }
                return false;
            }
            default -> {
                findings.add(
                        DamageCode.BLOCK_USED_TWICE,
                        "content item",
                        where + " block=" + block,
                        "the block is " + ledger.role(block).words());
                return false;
            }
        }
    }

    /// Reads blocks of an extent, together if that works, and compares their checksums.
    private void verify(
            String where, byte[] page, int position, int from, int to, Key key, long sizeBytes) {
        long address = ContentItem.ADDRESS.get(page, position);
        progress.add(to - from);
        boolean whole = read(address + from, to - from);
        boolean compressed = ContentItem.isCompressed(page, position);
        boolean sound = whole && from == 0 && to == ContentItem.diskBlocks(page, position);
        for (int i = from; i < to; i++) {
            int at = whole ? (i - from) * Blocks.SIZE : 0;
            String place = where + " block=" + (address + i);
            if (!whole && !read(address + i, 1)) {
                findings.add(DamageCode.BAD_DATA, "data", place, "it can't be read");
                sound = false;
                continue;
            }
            int crc = Checksum.crc32c(buffer, at, Blocks.SIZE);
            int want = ContentItem.crc(page, position, i);
            if (crc != want) {
                sound = false;
                findings.add(
                        DamageCode.BAD_DATA,
                        "data",
                        place,
                        "crc has "
                                + Integer.toHexString(crc)
                                + " want "
                                + Integer.toHexString(want));
            } else if (sizeBytes >= 0 && !compressed) {
                requireZeroTail(place, key.offset() + Blocks.toBytes(i), buffer, at, sizeBytes);
            }
        }
        if (compressed && sound) {
            uncompress(where + " block=" + address, page, position, key, sizeBytes);
        }
    }

    /// Looks at what a compressed extent, whose blocks are in the buffer, stands for.
    private void uncompress(String place, byte[] page, int position, Key key, long sizeBytes) {
        byte[] content = unpacker.unpack(page, position, buffer);
        if (content == null) {
            findings.add(DamageCode.BAD_DATA, "data", place, "it can't be uncompressed");
            return;
        }
        int first = ContentItem.FIRST_BLOCK.get(page, position);
        int last = ContentItem.LENGTH.get(page, position) - 1;
        if (sizeBytes >= 0) {
            requireZeroTail(
                    place,
                    key.offset() + Blocks.toBytes(last),
                    content,
                    (first + last) * Blocks.SIZE,
                    sizeBytes);
        }
    }

    private void requireZeroTail(
            String place, long offset, byte[] content, int at, long sizeBytes) {
        if (offset >= sizeBytes || sizeBytes - offset >= Blocks.SIZE) {
            return;
        }
        for (int i = (int) (sizeBytes - offset); i < Blocks.SIZE; i++) {
            if (content[at + i] != 0) {
                findings.add(
                        DamageCode.CONTENT_BEYOND_END,
                        "data",
                        place,
                        "bytes behind the end of the file, at " + sizeBytes + ", are not zero");
                return;
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
