package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The item of a directory entry: a child inode, its type, and after the fixed part the bytes of
/// the name. Key: (directory, `DIRENT`, name hash and disambiguator), which is also the readdir
/// cookie.
public final class DirentItem {
    private static final Layout.Builder FIELDS = Layout.of("dirent_item");

    public static final Layout.U64Field CHILD = FIELDS.u64("child", "inode number of the entry");
    public static final Layout.U8Field TYPE =
            FIELDS.u8("type", "file type bits of the inode's mode, shifted right by 12");
    public static final Layout.U8Field NAME_BYTES =
            FIELDS.u8("name_bytes", "length of the name that follows, 1 to 255");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(2);

    public static final Layout LAYOUT = FIELDS.size(12);

    private DirentItem() {}

    /// A new item.
    ///
    /// @param mode of the child; only its file type is kept
    public static byte[] of(long child, int mode, byte[] name) {
        byte[] item = new byte[LAYOUT.sizeBytes() + name.length];
        CHILD.set(item, 0, child);
        TYPE.set(item, 0, (mode >>> 12) & 017);
        NAME_BYTES.set(item, 0, name.length);
        System.arraycopy(name, 0, item, LAYOUT.sizeBytes(), name.length);
        return item;
    }

    /// The file type bits of the entry's inode, as in its mode.
    public static int type(byte[] page, int position) {
        return TYPE.get(page, position) << 12;
    }

    /// A copy of the name.
    public static byte[] name(byte[] page, int position) {
        int from = position + LAYOUT.sizeBytes();
        return Arrays.copyOfRange(page, from, from + NAME_BYTES.get(page, position));
    }

    public static boolean hasName(byte[] page, int position, byte[] name) {
        int from = position + LAYOUT.sizeBytes();
        return Arrays.equals(
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
        if (CHILD.get(page, position) == 0) {
            return "child is inode 0";
        }
        return switch (TYPE.get(page, position)) {
            case 001, 002, 004, 006, 010, 012, 014 ->
                    RESERVED.isZero(page, position) ? null : "reserved bytes are not zero";
            default -> "unknown file type, has " + TYPE.get(page, position);
        };
    }

    /// @throws CorruptException when {@link #check} finds something
    public static void validate(byte[] page, int position, int lengthBytes)
            throws CorruptException {
        String damage = check(page, position, lengthBytes);
        if (damage != null) {
            throw new CorruptException("dirent item", "position=" + position, damage);
        }
    }
}
