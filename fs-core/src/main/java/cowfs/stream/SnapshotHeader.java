package cowfs.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.error.RequestException;
import cowfs.file.Timestamp;
import cowfs.format.Layout;
import cowfs.format.ReceiveItem;
import java.util.UUID;

/// What follows the common fields in the record that begins a snapshot.
///
/// @param identity of the snapshot; a received one has that of the snapshot it was received from
/// @param txg that made it, where it was first made
/// @param base identity of what the records are the difference to; {@link ReceiveItem#NONE} when
///   they are all there is
/// @param baseTxg that made the base; 0 without one
/// @param byRanges whether the records tell ranges of keys whole: the base is known by a bookmark
/// @param last identity of the stream's last snapshot
/// @param created when the snapshot was taken
/// @param nextInode the lowest inode number that neither it nor its base has used
/// @param resumeAt what the first record is not before
/// @param subvolume the name of its subvolume where it was sent from
/// @param name its own name, without the subvolume's
public record SnapshotHeader(
        UUID identity,
        long txg,
        UUID base,
        long baseTxg,
        boolean byRanges,
        UUID last,
        Timestamp created,
        long nextInode,
        Position resumeAt,
        String subvolume,
        String name) {
    private static final Layout.Builder FIELDS = Layout.of("stream_snapshot");
    private static final Layout.U64Field UUID_HIGH =
            FIELDS.u64("uuid_high", "identity of the snapshot");
    private static final Layout.U64Field UUID_LOW = FIELDS.u64("uuid_low", "its second half");
    private static final Layout.U64Field TXG = FIELDS.u64("txg", "that made it");
    private static final Layout.U64Field BASE_HIGH =
            FIELDS.u64("base_high", "identity of the base, or 0");
    private static final Layout.U64Field BASE_LOW = FIELDS.u64("base_low", "its second half");
    private static final Layout.U64Field BASE_TXG = FIELDS.u64("base_txg", "that made the base");
    private static final Layout.U64Field LAST_HIGH =
            FIELDS.u64("last_high", "identity of the stream's last snapshot");
    private static final Layout.U64Field LAST_LOW = FIELDS.u64("last_low", "its second half");
    private static final Layout.U64Field CREATED_SECONDS =
            FIELDS.u64("created_seconds", "since 1970, signed");
    private static final Layout.U64Field NEXT_INODE =
            FIELDS.u64("next_inode", "lowest inode number never used");
    private static final Layout.U64Field RESUME_INODE =
            FIELDS.u64("resume_inode", "key that a resumed stream goes on from, or 0");
    private static final Layout.U64Field RESUME_OFFSET = FIELDS.u64("resume_offset", "of that key");
    private static final Layout.U32Field CREATED_NANOS =
            FIELDS.u32("created_nanos", "0 to 999,999,999");
    private static final Layout.U8Field RESUME_KIND = FIELDS.u8("resume_kind", "of that key");
    private static final Layout.U8Field SUBVOLUME_BYTES =
            FIELDS.u8("subvolume_bytes", "length of the subvolume's name, which follows");
    private static final Layout.U8Field NAME_BYTES =
            FIELDS.u8("name_bytes", "length of the snapshot's name, which follows that");
    private static final Layout.U8Field BY_RANGES =
            FIELDS.u8("by_ranges", "1 when the records tell ranges of keys whole, else 0");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(8);

    public static final Layout LAYOUT = FIELDS.size(112);

    boolean isIncrement() {
        return !base.equals(ReceiveItem.NONE);
    }

    byte[] toBytes() {
        byte[] subvolumeBytes = subvolume.getBytes(UTF_8);
        byte[] nameBytes = name.getBytes(UTF_8);
        byte[] b = new byte[LAYOUT.sizeBytes() + subvolumeBytes.length + nameBytes.length];
        UUID_HIGH.set(b, 0, identity.getMostSignificantBits());
        UUID_LOW.set(b, 0, identity.getLeastSignificantBits());
        TXG.set(b, 0, txg);
        BASE_HIGH.set(b, 0, base.getMostSignificantBits());
        BASE_LOW.set(b, 0, base.getLeastSignificantBits());
        BASE_TXG.set(b, 0, baseTxg);
        BY_RANGES.set(b, 0, byRanges ? 1 : 0);
        LAST_HIGH.set(b, 0, last.getMostSignificantBits());
        LAST_LOW.set(b, 0, last.getLeastSignificantBits());
        CREATED_SECONDS.set(b, 0, created.seconds());
        CREATED_NANOS.set(b, 0, created.nanos());
        NEXT_INODE.set(b, 0, nextInode);
        RESUME_INODE.set(b, 0, resumeAt.inode());
        RESUME_KIND.set(b, 0, resumeAt.kind());
        RESUME_OFFSET.set(b, 0, resumeAt.offset());
        SUBVOLUME_BYTES.set(b, 0, subvolumeBytes.length);
        NAME_BYTES.set(b, 0, nameBytes.length);
        System.arraycopy(subvolumeBytes, 0, b, LAYOUT.sizeBytes(), subvolumeBytes.length);
        System.arraycopy(
                nameBytes, 0, b, LAYOUT.sizeBytes() + subvolumeBytes.length, nameBytes.length);
        return b;
    }

    /// @throws RequestException `INVALID`
    static SnapshotHeader readFrom(byte[] b, int at, int lengthBytes) throws RequestException {
        boolean sized =
                lengthBytes >= LAYOUT.sizeBytes()
                        && lengthBytes
                                == LAYOUT.sizeBytes()
                                        + SUBVOLUME_BYTES.get(b, at)
                                        + NAME_BYTES.get(b, at);
        if (!sized
                || !RESERVED.isZero(b, at)
                || NEXT_INODE.get(b, at) < 2
                || TXG.get(b, at) <= 0
                || BY_RANGES.get(b, at) > 1
                || CREATED_NANOS.getUnsigned(b, at) > 999_999_999) {
            throw RecordReader.damaged("the head of a snapshot is not valid");
        }
        int names = at + LAYOUT.sizeBytes();
        int split = names + SUBVOLUME_BYTES.get(b, at);
        return new SnapshotHeader(
                new UUID(UUID_HIGH.get(b, at), UUID_LOW.get(b, at)),
                TXG.get(b, at),
                new UUID(BASE_HIGH.get(b, at), BASE_LOW.get(b, at)),
                BASE_TXG.get(b, at),
                BY_RANGES.get(b, at) == 1,
                new UUID(LAST_HIGH.get(b, at), LAST_LOW.get(b, at)),
                new Timestamp(CREATED_SECONDS.get(b, at), CREATED_NANOS.get(b, at)),
                NEXT_INODE.get(b, at),
                new Position(
                        RESUME_INODE.get(b, at), RESUME_KIND.get(b, at), RESUME_OFFSET.get(b, at)),
                new String(b, names, SUBVOLUME_BYTES.get(b, at), UTF_8),
                new String(b, split, NAME_BYTES.get(b, at), UTF_8));
    }
}
