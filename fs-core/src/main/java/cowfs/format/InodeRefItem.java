package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The item of an inode ref: the way back from an inode to one of its names. It holds the parent
/// directory and after the fixed part the bytes of the name. Key: (inode, `INODE_REF`, hash of
/// parent and name, with disambiguator).
public final class InodeRefItem {
    private static final Layout.Builder FIELDS = Layout.of("inode_ref_item");

    public static final Layout.U64Field PARENT =
            FIELDS.u64("parent", "inode number of the directory that holds the name");
    public static final Layout.U8Field NAME_BYTES =
            FIELDS.u8("name_bytes", "length of the name that follows, 1 to 255");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(3);

    public static final Layout LAYOUT = FIELDS.size(12);

    private InodeRefItem() {}

    /// A new item.
    public static byte[] of(long parent, byte[] name) {
        byte[] item = new byte[LAYOUT.sizeBytes() + name.length];
        PARENT.set(item, 0, parent);
        NAME_BYTES.set(item, 0, name.length);
        System.arraycopy(name, 0, item, LAYOUT.sizeBytes(), name.length);
        return item;
    }

    /// A copy of the name.
    public static byte[] name(byte[] page, int position) {
        int from = position + LAYOUT.sizeBytes();
        return Arrays.copyOfRange(page, from, from + NAME_BYTES.get(page, position));
    }

    public static boolean isFor(byte[] page, int position, long parent, byte[] name) {
        int from = position + LAYOUT.sizeBytes();
        return PARENT.get(page, position) == parent
                && Arrays.equals(
                        page, from, from + NAME_BYTES.get(page, position), name, 0, name.length);
    }

    /// What is wrong with an item, or null.
    public static @Nullable String check(byte[] page, int position, int lengthBytes) {
        if (lengthBytes <= LAYOUT.sizeBytes()) {
            return "item has "
                    + CountText.of(lengthBytes, "byte")
                    + ", want more than "
                    + LAYOUT.sizeBytes();
        }
        int nameBytes = NAME_BYTES.get(page, position);
        if (nameBytes != lengthBytes - LAYOUT.sizeBytes()) {
            return "name length is wrong, has "
                    + nameBytes
                    + " want "
                    + (lengthBytes - LAYOUT.sizeBytes());
        }
        if (PARENT.get(page, position) == 0) {
            return "parent is inode 0";
        }
        return RESERVED.isZero(page, position) ? null : "reserved bytes are not zero";
    }

    /// @throws CorruptException when {@link #check} finds something
    public static void validate(byte[] page, int position, int lengthBytes)
            throws CorruptException {
        String damage = check(page, position, lengthBytes);
        if (damage != null) {
            throw new CorruptException("inode ref item", "position=" + position, damage);
        }
    }
}
