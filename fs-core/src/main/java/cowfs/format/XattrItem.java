package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One piece of an extended attribute. Key: (inode, `XATTR`, name hash and disambiguator).
///
/// An attribute is a head and as many further pieces as its value needs, at consecutive
/// disambiguators. The head is piece 0 and carries the name after the fixed part; the value, or
/// this piece of it, follows.
public final class XattrItem {
    private static final Layout.Builder FIELDS = Layout.of("xattr_item");

    public static final Layout.U8Field NAME_BYTES =
            FIELDS.u8(
                    "name_bytes", "length of the name, 1 to 255 in the head, 0 in further pieces");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(1);
    public static final Layout.U16Field PIECE =
            FIELDS.u16("piece", "0 in the head, then 1, 2, ...");
    public static final Layout.U32Field VALUE_BYTES =
            FIELDS.u32("value_bytes", "length of the whole value, the same in every piece");

    public static final Layout LAYOUT = FIELDS.size(8);

    /// The longest value.
    public static final int MAX_VALUE_BYTES = 65536;

    private XattrItem() {}

    /// A new piece.
    ///
    /// @param name of the attribute, empty but for the head
    public static byte[] of(byte[] name, int piece, byte[] value, int from, int lengthBytes) {
        int start = LAYOUT.sizeBytes() + name.length;
        byte[] item = new byte[start + lengthBytes];
        NAME_BYTES.set(item, 0, name.length);
        PIECE.set(item, 0, piece);
        VALUE_BYTES.set(item, 0, value.length);
        System.arraycopy(name, 0, item, LAYOUT.sizeBytes(), name.length);
        System.arraycopy(value, from, item, start, lengthBytes);
        return item;
    }

    /// A copy of the name in a head.
    public static byte[] name(byte[] page, int position) {
        int from = position + LAYOUT.sizeBytes();
        return Arrays.copyOfRange(page, from, from + NAME_BYTES.get(page, position));
    }

    /// Whether this piece is the head of the attribute `name`.
    public static boolean isHeadOf(byte[] page, int position, byte[] name) {
        int from = position + LAYOUT.sizeBytes();
        return PIECE.get(page, position) == 0
                && Arrays.equals(
                        page, from, from + NAME_BYTES.get(page, position), name, 0, name.length);
    }

    /// Where the bytes of the value begin, counted from the start of the item.
    public static int valueOffset(byte[] page, int position) {
        return LAYOUT.sizeBytes() + NAME_BYTES.get(page, position);
    }

    /// What is wrong with an item, or null.
    public static @Nullable String check(byte[] page, int position, int lengthBytes) {
        if (lengthBytes < LAYOUT.sizeBytes()) {
            return "item has "
                    + CountText.of(lengthBytes, "byte")
                    + ", want at least "
                    + LAYOUT.sizeBytes();
        }
        int nameBytes = NAME_BYTES.get(page, position);
        if ((nameBytes == 0) == (PIECE.get(page, position) == 0)) {
            return "piece "
                    + PIECE.get(page, position)
                    + " has a name of "
                    + CountText.of(nameBytes, "byte")
                    + ", a name belongs to piece 0";
        }
        long valueBytes = VALUE_BYTES.getUnsigned(page, position);
        if (valueBytes > MAX_VALUE_BYTES) {
            return "value is longer than " + MAX_VALUE_BYTES + " bytes, has " + valueBytes;
        }
        int here = lengthBytes - LAYOUT.sizeBytes() - nameBytes;
        if (here < 0 || here > valueBytes || (here == 0 && PIECE.get(page, position) != 0)) {
            return "piece of the value is out of range, has "
                    + here
                    + " of "
                    + CountText.of(valueBytes, "byte");
        }
        for (int i = 0; i < nameBytes; i++) {
            if (page[position + LAYOUT.sizeBytes() + i] == 0) {
                return "its name holds NUL";
            }
        }
        return RESERVED.isZero(page, position) ? null : "reserved bytes are not zero";
    }

    /// @throws CorruptException when {@link #check} finds something
    public static void validate(byte[] page, int position, int lengthBytes)
            throws CorruptException {
        String damage = check(page, position, lengthBytes);
        if (damage != null) {
            throw new CorruptException("xattr item", "position=" + position, damage);
        }
    }
}
