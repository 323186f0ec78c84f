package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import org.jspecify.annotations.Nullable;

/// The item of an orphan: an inode without a name that still exists, because someone holds it or
/// because its content is being freed step by step. Key: (0, `ORPHAN`, inode), so that all orphans
/// of a tree are adjacent.
public final class OrphanItem {
    private static final Layout.Builder FIELDS = Layout.of("orphan_item");

    public static final Layout.U64Field TXG =
            FIELDS.u64("txg", "in which the inode lost its last name");

    public static final Layout LAYOUT = FIELDS.size(8);

    private OrphanItem() {}

    /// A new item.
    public static byte[] of(long txg) {
        byte[] item = new byte[LAYOUT.sizeBytes()];
        TXG.set(item, 0, txg);
        return item;
    }

    /// What is wrong with an item, or null.
    public static @Nullable String check(byte[] page, int position, int lengthBytes) {
        if (lengthBytes != LAYOUT.sizeBytes()) {
            return "item has " + CountText.of(lengthBytes, "byte") + ", want " + LAYOUT.sizeBytes();
        }
        return TXG.get(page, position) <= 0
                ? "txg is out of range, has " + Long.toUnsignedString(TXG.get(page, position))
                : null;
    }

    /// @throws CorruptException when {@link #check} finds something
    public static void validate(byte[] page, int position, int lengthBytes)
            throws CorruptException {
        String damage = check(page, position, lengthBytes);
        if (damage != null) {
            throw new CorruptException("orphan item", "position=" + position, damage);
        }
    }
}
