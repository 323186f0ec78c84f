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
        int count = ContentItem.blockCount(page, position);
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
        boolean plain = ContentItem.ENCODING.get(page, position) == ContentItem.PLAIN;
        int from = -1;
        for (int i = 0; i < count; i++) {
            boolean read =
                    claim(
                            where,
                            address + i,
                            plain,
                            plain ? ContentItem.crc(page, position, i) : 0);
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

    /// @return whether the block must be read
    private boolean claim(String where, long block, boolean plain, int crc) {
        switch (ledger.role(block)) {
            case NONE -> {
                ledger.claim(block, plain ? Role.DATA : Role.UNWRITTEN);
                if (!plain) {
                    progress.add(1);
                } else if (shared.contains(block)) {
                    ledger.putCrc(block, crc);
                }
                return plain;
            }
            case UNWRITTEN -> {
                ledger.addReferences(block, 1);
                if (plain) {
                    ledger.becomeWritten(block);
                    if (shared.contains(block)) {
                        ledger.putCrc(block, crc);
                    }
                }
                return plain;
            }
            case DATA -> {
                ledger.addReferences(block, 1);
                boolean known = shared.contains(block) && shared.isReadable();
                if (plain && known && ledger.crc(block) != crc) {
                    findings.add(
                            DamageCode.CHECKSUM_CONFLICT,
                            "content item",
                            where + " block=" + block,
                            "checksum is "
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
        for (int i = from; i < to; i++) {
            int at = whole ? (i - from) * Blocks.SIZE : 0;
            String place = where + " block=" + (address + i);
            if (!whole && !read(address + i, 1)) {
                findings.add(DamageCode.BAD_DATA, "data", place, "it can't be read");
                continue;
            }
            int crc = Checksum.crc32c(buffer, at, Blocks.SIZE);
            int want = ContentItem.crc(page, position, i);
            if (crc != want) {
                findings.add(
                        DamageCode.BAD_DATA,
                        "data",
                        place,
                        "crc has "
                                + Integer.toHexString(crc)
                                + " want "
                                + Integer.toHexString(want));
            } else if (sizeBytes >= 0) {
                requireZeroTail(place, key.offset() + Blocks.toBytes(i), at, sizeBytes);
            }
        }
    }

    private void requireZeroTail(String place, long offset, int at, long sizeBytes) {
        if (offset >= sizeBytes || sizeBytes - offset >= Blocks.SIZE) {
            return;
        }
        for (int i = (int) (sizeBytes - offset); i < Blocks.SIZE; i++) {
            if (buffer[at + i] != 0) {
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
