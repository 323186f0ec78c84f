package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// A property of a subvolume or snapshot, in the root tree under (tree id, `PROPERTY`, slot): a
/// name with a value. A tree has no two of the same name; slots have no meaning of their own.
///
/// @param name 1 to {@link #MAX_NAME_BYTES} characters out of `a-z 0-9 . _ : -`
/// @param value up to {@link #MAX_VALUE_BYTES} bytes of UTF-8 without NUL
public record PropertyItem(String name, String value) {
    private static final Layout.Builder FIELDS = Layout.of("property");
    private static final Layout.U8Field NAME_BYTES =
            FIELDS.u8("name_bytes", "of the name, which follows");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(1);
    private static final Layout.U16Field VALUE_BYTES =
            FIELDS.u16("value_bytes", "of the value, which follows the name");
    public static final Layout LAYOUT = FIELDS.size(4);

    public static final int MAX_NAME_BYTES = 100;
    public static final int MAX_VALUE_BYTES = 500;

    /// The most properties that one tree can have; slots lie below.
    public static final int MAX_COUNT = 64;

    private static final Pattern NAME = Pattern.compile("[a-z0-9._:-]+");

    /// Whether a name has the right length and characters.
    public static boolean isName(String name) {
        return name.length() <= MAX_NAME_BYTES && NAME.matcher(name).matches();
    }

    /// Whether a value is short enough and free of NUL.
    public static boolean isValue(String value) {
        return value.indexOf(0) < 0
                && value.getBytes(StandardCharsets.UTF_8).length <= MAX_VALUE_BYTES;
    }

    public byte[] toBytes() {
        byte[] nameBytes = name.getBytes(StandardCharsets.US_ASCII);
        byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
        byte[] b = new byte[LAYOUT.sizeBytes() + nameBytes.length + valueBytes.length];
        NAME_BYTES.set(b, 0, nameBytes.length);
        VALUE_BYTES.set(b, 0, valueBytes.length);
        System.arraycopy(nameBytes, 0, b, LAYOUT.sizeBytes(), nameBytes.length);
        System.arraycopy(
                valueBytes, 0, b, LAYOUT.sizeBytes() + nameBytes.length, valueBytes.length);
        return b;
    }

    /// Decodes and validates an item.
    public static PropertyItem readFrom(byte[] b, int base, int lengthBytes, String where)
            throws CorruptException {
        if (lengthBytes < LAYOUT.sizeBytes()
                || lengthBytes
                        != LAYOUT.sizeBytes() + NAME_BYTES.get(b, base) + VALUE_BYTES.get(b, base)
                || !RESERVED.isZero(b, base)) {
            throw new CorruptException(
                    "property", where, "it has " + CountText.of(lengthBytes, "byte"));
        }
        int nameAt = base + LAYOUT.sizeBytes();
        int nameBytes = NAME_BYTES.get(b, base);
        String name = new String(b, nameAt, nameBytes, StandardCharsets.ISO_8859_1);
        String value;
        try {
            value =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(
                                    ByteBuffer.wrap(
                                            b, nameAt + nameBytes, VALUE_BYTES.get(b, base)))
                            .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new CorruptException(
                    "property", where, "its value is no UTF-8: " + notUtf8.getMessage());
        }
        if (!isName(name) || !isValue(value)) {
            throw new CorruptException("property", where, "its name or value is out of range");
        }
        return new PropertyItem(name, value);
    }
}
