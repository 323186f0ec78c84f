package cowfs.stream;

import cowfs.format.DirentItem;
import cowfs.format.InodeRefItem;
import cowfs.format.Layout;
import java.util.Arrays;

/// What follows the common fields in the records of names: `REF`, `REMOVE_REF`, `DIRENT` and
/// `REMOVE_DIRENT`. Names travel as they are; where they lie is a matter of each image's own hash.
public final class NameRecord {
    private static final Layout.Builder FIELDS = Layout.of("stream_name");

    static final Layout.U64Field NUMBER =
            FIELDS.u64(
                    "number",
                    "inode number: of a ref the parent, of an entry the child, 0 in one that is gone");
    static final Layout.U8Field TYPE =
            FIELDS.u8("type", "of a new entry: file type bits of the child's mode, shifted by 12");
    static final Layout.U8Field NAME_BYTES =
            FIELDS.u8("name_bytes", "length of the name that follows, 1 to 255");
    static final Layout.ReservedField RESERVED = FIELDS.reserved(6);

    public static final Layout LAYOUT = FIELDS.size(16);

    private NameRecord() {}

    static byte[] of(long number, int type, byte[] name) {
        byte[] b = new byte[LAYOUT.sizeBytes() + name.length];
        NUMBER.set(b, 0, number);
        TYPE.set(b, 0, type);
        NAME_BYTES.set(b, 0, name.length);
        System.arraycopy(name, 0, b, LAYOUT.sizeBytes(), name.length);
        return b;
    }

    /// The record of an entry, from its item.
    static byte[] ofDirent(byte[] page, int at) {
        return of(
                DirentItem.CHILD.get(page, at),
                DirentItem.TYPE.get(page, at),
                DirentItem.name(page, at));
    }

    /// The record of a ref, from its item.
    static byte[] ofRef(byte[] page, int at) {
        return of(InodeRefItem.PARENT.get(page, at), 0, InodeRefItem.name(page, at));
    }

    static byte[] name(byte[] b, int at) {
        int from = at + LAYOUT.sizeBytes();
        return Arrays.copyOfRange(b, from, from + NAME_BYTES.get(b, at));
    }

    /// Whether length and reserved bytes are as they should be.
    static boolean isWhole(byte[] b, int at, int lengthBytes) {
        return lengthBytes > LAYOUT.sizeBytes()
                && lengthBytes == LAYOUT.sizeBytes() + NAME_BYTES.get(b, at)
                && RESERVED.isZero(b, at);
    }
}
