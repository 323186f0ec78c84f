package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a tree was received from, and while it is being received how far that has come. Key: (0,
/// `RECEIVE`, 0) of the file tree, so that it changes together with what it speaks of.
///
/// Trees are copied by sharing, so a tree may hold the item of another one that it was made of. It
/// speaks of the tree whose UUID is `holder`, and of no other.
///
/// @param complete whether the tree is all that was sent; if not, it keeps no rule that ties its
///   items together
/// @param byRanges whether the records tell ranges of keys whole, as those on a bookmark do
/// @param holder UUID of the subvolume or snapshot that was received
/// @param snapshot identity of the snapshot that was sent
/// @param snapshotTxg the transaction group that made it, in the image that it is of
/// @param base identity of the snapshot that the stream starts from; zero for a full one
/// @param last identity of the last snapshot of the stream
/// @param positionInode with kind and offset the key of the last record that was applied, in the
///   order of the sending tree
/// @param balance sum of what names and inodes say of each other; zero when they agree
/// @param recordCount records applied so far
/// @param contentBytes bytes of file content received so far
public record ReceiveItem(
        boolean complete,
        boolean byRanges,
        UUID holder,
        UUID snapshot,
        long snapshotTxg,
        UUID base,
        UUID last,
        long positionInode,
        int positionKind,
        long positionOffset,
        long balance,
        long recordCount,
        long contentBytes) {
    private static final Layout.Builder FIELDS = Layout.of("receive_item");
    private static final Layout.U8Field COMPLETE =
            FIELDS.u8("complete", "1 when all has been received, else 0");
    private static final Layout.U8Field POSITION_KIND =
            FIELDS.u8("position_kind", "of the last key that was received");
    private static final Layout.U8Field BY_RANGES =
            FIELDS.u8("by_ranges", "1 when the records tell ranges of keys whole, else 0");
    private static final Layout.ReservedField RESERVED_1 = FIELDS.reserved(5);
    private static final Layout.U64Field HOLDER_HIGH =
            FIELDS.u64("holder_high", "UUID of the tree that this speaks of");
    private static final Layout.U64Field HOLDER_LOW = FIELDS.u64("holder_low", "its second half");
    private static final Layout.U64Field SNAPSHOT_HIGH =
            FIELDS.u64("snapshot_high", "identity of the snapshot that was sent");
    private static final Layout.U64Field SNAPSHOT_LOW =
            FIELDS.u64("snapshot_low", "its second half");
    private static final Layout.U64Field SNAPSHOT_TXG =
            FIELDS.u64("snapshot_txg", "txg that made it, where it was sent from");
    private static final Layout.U64Field BASE_HIGH =
            FIELDS.u64("base_high", "identity of the base, or 0");
    private static final Layout.U64Field BASE_LOW = FIELDS.u64("base_low", "its second half");
    private static final Layout.U64Field LAST_HIGH =
            FIELDS.u64("last_high", "identity of the stream's last snapshot");
    private static final Layout.U64Field LAST_LOW = FIELDS.u64("last_low", "its second half");
    private static final Layout.U64Field POSITION_INODE =
            FIELDS.u64("position_inode", "of the last key that was received");
    private static final Layout.U64Field POSITION_OFFSET =
            FIELDS.u64("position_offset", "of that key");
    private static final Layout.U64Field BALANCE =
            FIELDS.u64("balance", "sum of what names and inodes say of each other");
    private static final Layout.U64Field RECORD_COUNT =
            FIELDS.u64("record_count", "records applied so far");
    private static final Layout.U64Field CONTENT_BYTES =
            FIELDS.u64("content_bytes", "bytes of file content received so far");
    private static final Layout.ReservedField RESERVED_2 = FIELDS.reserved(8);
    public static final Layout LAYOUT = FIELDS.size(128);

    /// The inode number in its key.
    public static final long KEY_INODE = 0;

    /// Stands for no base.
    public static final UUID NONE = new UUID(0, 0);

    public byte[] toBytes() {
        byte[] b = new byte[LAYOUT.sizeBytes()];
        COMPLETE.set(b, 0, complete ? 1 : 0);
        BY_RANGES.set(b, 0, byRanges ? 1 : 0);
        POSITION_KIND.set(b, 0, positionKind);
        HOLDER_HIGH.set(b, 0, holder.getMostSignificantBits());
        HOLDER_LOW.set(b, 0, holder.getLeastSignificantBits());
        SNAPSHOT_HIGH.set(b, 0, snapshot.getMostSignificantBits());
        SNAPSHOT_LOW.set(b, 0, snapshot.getLeastSignificantBits());
        SNAPSHOT_TXG.set(b, 0, snapshotTxg);
        BASE_HIGH.set(b, 0, base.getMostSignificantBits());
        BASE_LOW.set(b, 0, base.getLeastSignificantBits());
        LAST_HIGH.set(b, 0, last.getMostSignificantBits());
        LAST_LOW.set(b, 0, last.getLeastSignificantBits());
        POSITION_INODE.set(b, 0, positionInode);
        POSITION_OFFSET.set(b, 0, positionOffset);
        BALANCE.set(b, 0, balance);
        RECORD_COUNT.set(b, 0, recordCount);
        CONTENT_BYTES.set(b, 0, contentBytes);
        return b;
    }

    /// Decodes and validates an item.
    ///
    /// @param where the place of the item, for errors
    public static ReceiveItem readFrom(byte[] b, int base, int lengthBytes, String where)
            throws CorruptException {
        String damage = check(b, base, lengthBytes);
        if (damage != null) {
            throw new CorruptException("receive item", where, damage);
        }
        return new ReceiveItem(
                isComplete(b, base),
                BY_RANGES.get(b, base) == 1,
                new UUID(HOLDER_HIGH.get(b, base), HOLDER_LOW.get(b, base)),
                new UUID(SNAPSHOT_HIGH.get(b, base), SNAPSHOT_LOW.get(b, base)),
                SNAPSHOT_TXG.get(b, base),
                new UUID(BASE_HIGH.get(b, base), BASE_LOW.get(b, base)),
                new UUID(LAST_HIGH.get(b, base), LAST_LOW.get(b, base)),
                POSITION_INODE.get(b, base),
                POSITION_KIND.get(b, base),
                POSITION_OFFSET.get(b, base),
                BALANCE.get(b, base),
                RECORD_COUNT.get(b, base),
                CONTENT_BYTES.get(b, base));
    }

    public static boolean isComplete(byte[] b, int base) {
        return COMPLETE.get(b, base) == 1;
    }

    /// What is wrong with an item, or null.
    public static @Nullable String check(byte[] b, int base, int lengthBytes) {
        if (lengthBytes != LAYOUT.sizeBytes()) {
            return "item has " + CountText.of(lengthBytes, "byte") + ", want " + LAYOUT.sizeBytes();
        }
        if (COMPLETE.get(b, base) > 1) {
            return "complete is neither 0 nor 1, has " + COMPLETE.get(b, base);
        }
        if (BY_RANGES.get(b, base) > 1) {
            return "by_ranges is neither 0 nor 1, has " + BY_RANGES.get(b, base);
        }
        if (SNAPSHOT_TXG.get(b, base) <= 0) {
            return "txg is out of range, has " + Long.toUnsignedString(SNAPSHOT_TXG.get(b, base));
        }
        return RESERVED_1.isZero(b, base) && RESERVED_2.isZero(b, base)
                ? null
                : "reserved bytes are not zero";
    }
}
