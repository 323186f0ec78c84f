package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// A bookmark of a subvolume, in the root tree under (tree id of the subvolume, `BOOKMARK`, slot):
/// what has to be known of a snapshot to send the difference to it when it is deleted. A subvolume
/// has no two of the same name; slots have no meaning of their own.
///
/// @param snapshot UUID of the snapshot
/// @param txg that made the snapshot: what its tree did not hold is born later
/// @param createdSeconds when the snapshot was taken, in seconds since 1970
/// @param createdNanos and nanoseconds
/// @param nextInode the lowest inode number that it had never used
/// @param name 1 to {@link SubvolumeItem#MAX_NAME_BYTES} bytes, without its subvolume's name
public record BookmarkItem(
        UUID snapshot,
        long txg,
        long createdSeconds,
        int createdNanos,
        long nextInode,
        String name) {
    private static final Layout.Builder FIELDS = Layout.of("bookmark");
    private static final Layout.U64Field UUID_HIGH =
            FIELDS.u64("uuid_high", "first half of the snapshot's UUID");
    private static final Layout.U64Field UUID_LOW = FIELDS.u64("uuid_low", "its second half");
    private static final Layout.U64Field TXG = FIELDS.u64("txg", "that made the snapshot");
    private static final Layout.U64Field CREATED_SECONDS =
            FIELDS.u64("created_seconds", "of the snapshot, since 1970, signed");
    private static final Layout.U64Field NEXT_INODE =
            FIELDS.u64("next_inode", "lowest inode number that it never used");
    private static final Layout.U32Field CREATED_NANOS =
            FIELDS.u32("created_nanos", "0 to 999,999,999");
    private static final Layout.U8Field NAME_LENGTH =
            FIELDS.u8("name_length", "bytes of the name, at the end");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(19);
    public static final Layout LAYOUT = FIELDS.size(64);

    /// The most bookmarks that a subvolume can have; slots lie below.
    public static final int MAX_COUNT = 1000;

    public byte[] toBytes() {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        byte[] b = new byte[LAYOUT.sizeBytes() + nameBytes.length];
        UUID_HIGH.set(b, 0, snapshot.getMostSignificantBits());
        UUID_LOW.set(b, 0, snapshot.getLeastSignificantBits());
        TXG.set(b, 0, txg);
        CREATED_SECONDS.set(b, 0, createdSeconds);
        NEXT_INODE.set(b, 0, nextInode);
        CREATED_NANOS.set(b, 0, createdNanos);
        NAME_LENGTH.set(b, 0, nameBytes.length);
        System.arraycopy(nameBytes, 0, b, LAYOUT.sizeBytes(), nameBytes.length);
        return b;
    }

    /// Decodes and validates an item.
    public static BookmarkItem readFrom(byte[] b, int base, int lengthBytes, String where)
            throws CorruptException {
        if (lengthBytes < LAYOUT.sizeBytes()
                || lengthBytes != LAYOUT.sizeBytes() + NAME_LENGTH.get(b, base)
                || !RESERVED.isZero(b, base)) {
            throw new CorruptException(
                    "bookmark",
                    where,
                    "it has "
                            + CountText.of(lengthBytes, "byte")
                            + ", or reserved bytes are not zero");
        }
        String name;
        try {
            name =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(
                                    ByteBuffer.wrap(
                                            b, base + LAYOUT.sizeBytes(), NAME_LENGTH.get(b, base)))
                            .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new CorruptException(
                    "bookmark", where, "its name is no UTF-8: " + notUtf8.getMessage());
        }
        BookmarkItem item =
                new BookmarkItem(
                        new UUID(UUID_HIGH.get(b, base), UUID_LOW.get(b, base)),
                        TXG.get(b, base),
                        CREATED_SECONDS.get(b, base),
                        CREATED_NANOS.get(b, base),
                        NEXT_INODE.get(b, base),
                        name);
        item.validate(where);
        return item;
    }

    private void validate(String where) throws CorruptException {
        String problem = null;
        if (txg <= 0) {
            problem = "its txg is " + txg;
        } else if (createdNanos < 0 || createdNanos > 999_999_999) {
            problem = "its time has " + createdNanos + " nanoseconds";
        } else if (nextInode <= 0) {
            problem = "its next inode is " + nextInode;
        } else if (name.isEmpty()
                || name.chars().anyMatch(c -> c == '/' || c == '@' || c == '#' || c == 0)
                || name.getBytes(StandardCharsets.UTF_8).length > SubvolumeItem.MAX_NAME_BYTES) {
            problem = "its name is '" + name + "'";
        }
        if (problem != null) {
            throw new CorruptException("bookmark", where, problem);
        }
    }
}
