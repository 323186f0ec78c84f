package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;

/// How many references the blocks of a range have, where they have two or more. The key's inode
/// part is the first block. Neighbouring ranges of equal count are one item.
public final class RefcountItem {
    private static final Layout.Builder FIELDS = Layout.of("refcount");
    private static final Layout.U64Field BLOCK_COUNT =
            FIELDS.u64("block_count", "blocks of the range");
    private static final Layout.U32Field COUNT =
            FIELDS.u32("count", "references to each, 2 or more");
    public static final Layout LAYOUT = FIELDS.size(12);

    private RefcountItem() {}

    public static byte[] toBytes(long blockCount, int count) {
        byte[] b = new byte[LAYOUT.sizeBytes()];
        BLOCK_COUNT.set(b, 0, blockCount);
        COUNT.set(b, 0, count);
        return b;
    }

    public static long blockCount(byte[] b, int base) {
        return BLOCK_COUNT.get(b, base);
    }

    public static int count(byte[] b, int base) {
        return COUNT.get(b, base);
    }

    /// Checks an item against its key and the size of the image.
    public static void validate(
            byte[] b, int base, int lengthBytes, long address, long deviceBlocks)
            throws CorruptException {
        if (lengthBytes != LAYOUT.sizeBytes()
                || address <= 0
                || blockCount(b, base) <= 0
                || blockCount(b, base) > deviceBlocks
                || address > deviceBlocks - blockCount(b, base)
                || count(b, base) < 2) {
            throw new CorruptException(
                    "refcount",
                    "block=" + address,
                    lengthBytes != LAYOUT.sizeBytes()
                            ? "it has " + CountText.of(lengthBytes, "byte")
                            : "it covers "
                                    + blockCount(b, base)
                                    + " blocks with count "
                                    + count(b, base));
        }
    }
}
