package cowfs.stream;

import cowfs.format.Layout;
import java.util.Arrays;

/// What follows the common fields in an `XATTR` record; name and value follow that.
public final class XattrRecord {
    private static final Layout.Builder FIELDS = Layout.of("stream_xattr");

    static final Layout.U32Field VALUE_BYTES =
            FIELDS.u32("value_bytes", "length of the value, which follows the name");
    static final Layout.U8Field NAME_BYTES =
            FIELDS.u8("name_bytes", "length of the name that follows, 1 to 255");
    static final Layout.ReservedField RESERVED = FIELDS.reserved(3);

    public static final Layout LAYOUT = FIELDS.size(8);

    private XattrRecord() {}

    static byte[] of(byte[] name, byte[] value) {
        byte[] b = new byte[LAYOUT.sizeBytes() + name.length + value.length];
        VALUE_BYTES.set(b, 0, value.length);
        NAME_BYTES.set(b, 0, name.length);
        System.arraycopy(name, 0, b, LAYOUT.sizeBytes(), name.length);
        System.arraycopy(value, 0, b, LAYOUT.sizeBytes() + name.length, value.length);
        return b;
    }

    static byte[] name(byte[] b, int at) {
        int from = at + LAYOUT.sizeBytes();
        return Arrays.copyOfRange(b, from, from + NAME_BYTES.get(b, at));
    }

    static byte[] value(byte[] b, int at) {
        int from = at + LAYOUT.sizeBytes() + NAME_BYTES.get(b, at);
        return Arrays.copyOfRange(b, from, from + VALUE_BYTES.get(b, at));
    }

    /// Whether lengths and reserved bytes are as they should be.
    static boolean isWhole(byte[] b, int at, int lengthBytes) {
        return lengthBytes > LAYOUT.sizeBytes()
                && NAME_BYTES.get(b, at) > 0
                && lengthBytes
                        == LAYOUT.sizeBytes()
                                + NAME_BYTES.get(b, at)
                                + VALUE_BYTES.getUnsigned(b, at)
                && RESERVED.isZero(b, at);
    }
}
