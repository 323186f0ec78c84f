package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import java.util.function.BiConsumer;

/// Ranges that nothing reaches any more but that the bitmaps still call allocated: the next
/// transaction group frees them. Always of full size, unused entries zero, so that filling one in
/// moves nothing in its leaf.
public final class PendingItem {
    private static final Layout.Builder FIELDS = Layout.of("pending_entry");
    private static final Layout.U64Field ADDRESS =
            FIELDS.u64("address", "first block, 0 in an unused entry");
    private static final Layout.U32Field BLOCK_COUNT =
            FIELDS.u32("block_count", "blocks of the range");
    public static final Layout LAYOUT = FIELDS.size(12);

    /// Entries of one item.
    public static final int ENTRIES = 60;

    public static final int SIZE_BYTES = ENTRIES * 12;

    private PendingItem() {}

    public static void set(byte[] item, int entry, long address, int blockCount) {
        ADDRESS.set(item, entry * LAYOUT.sizeBytes(), address);
        BLOCK_COUNT.set(item, entry * LAYOUT.sizeBytes(), blockCount);
    }

    /// Hands each entry in use to `visitor` after checking it.
    public static void forEach(
            byte[] b,
            int base,
            int lengthBytes,
            long deviceBlocks,
            String where,
            BiConsumer<Long, Integer> visitor)
            throws CorruptException {
        if (lengthBytes != SIZE_BYTES) {
            throw new CorruptException(
                    "pending", where, "it has " + CountText.of(lengthBytes, "byte"));
        }
        for (int at = base; at < base + SIZE_BYTES; at += LAYOUT.sizeBytes()) {
            long address = ADDRESS.get(b, at);
            int count = BLOCK_COUNT.get(b, at);
            if (address != 0) {
                if (address < 0 || count <= 0 || address > deviceBlocks - count) {
                    throw new CorruptException(
                            "pending",
                            where,
                            "a range of "
                                    + CountText.of(count, "block")
                                    + " lies at block "
                                    + address);
                }
                visitor.accept(address, count);
            }
        }
    }
}
