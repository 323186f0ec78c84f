package cowfs.stream;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Layout;
import cowfs.format.NameHash;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What follows the common fields in the first record of a stream.
///
/// @param poolUuid of the image that the stream is of
/// @param resumed whether it goes on where an earlier one was cut
/// @param nameSeed what names are placed by in the sending image, where records tell ranges of
///   keys; null where they do not
/// @param compressed whether `DATA` may be compressed
public record StreamHeader(
        UUID poolUuid,
        int snapshotCount,
        boolean resumed,
        @Nullable UUID nameSeed,
        boolean compressed) {
    private static final Layout.Builder FIELDS = Layout.of("stream_header");
    private static final Layout.U64Field MAGIC_FIELD =
            FIELDS.u64("magic", "0x%x, 'cowfsend'".formatted(magic()));
    private static final Layout.U32Field VERSION_FIELD =
            FIELDS.u32("version", "of the stream's format");
    private static final Layout.U32Field SNAPSHOT_COUNT =
            FIELDS.u32("snapshot_count", "snapshots in the stream, at least 1");
    private static final Layout.U64Field FEATURES =
            FIELDS.u64(
                    "features",
                    "what a receiver must know; 1: records tell ranges of keys, 2: DATA may be"
                            + " compressed");
    private static final Layout.U64Field POOL_HIGH =
            FIELDS.u64("pool_high", "UUID of the image that was sent from");
    private static final Layout.U64Field POOL_LOW = FIELDS.u64("pool_low", "its second half");
    private static final Layout.U8Field RESUMED =
            FIELDS.u8("resumed", "1 when the stream goes on where an earlier one was cut");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(7);
    private static final Layout.U64Field SEED_HIGH =
            FIELDS.u64("seed_high", "with ranges of keys the sending image's name_seed, else 0");
    private static final Layout.U64Field SEED_LOW = FIELDS.u64("seed_low", "its second half");

    public static final Layout LAYOUT = FIELDS.size(64);

    /// The version that is written and read.
    public static final int VERSION = 1;

    /// The feature of streams on a bookmark.
    static final long RANGES = 1;

    /// The feature of streams from images with compressed extents.
    static final long COMPRESSED = 2;

    private static final long KNOWN = RANGES | COMPRESSED;

    /// The most snapshots of a stream.
    static final int MAX_SNAPSHOTS = 100_000;

    private static final UUID NO_SEED = new UUID(0, 0);

    private static long magic() {
        return 0x646e657366776f63L;
    }

    void writeTo(byte[] bytes, int at) {
        MAGIC_FIELD.set(bytes, at, magic());
        VERSION_FIELD.set(bytes, at, VERSION);
        SNAPSHOT_COUNT.set(bytes, at, snapshotCount);
        POOL_HIGH.set(bytes, at, poolUuid.getMostSignificantBits());
        POOL_LOW.set(bytes, at, poolUuid.getLeastSignificantBits());
        RESUMED.set(bytes, at, resumed ? 1 : 0);
        FEATURES.set(bytes, at, (nameSeed == null ? 0 : RANGES) | (compressed ? COMPRESSED : 0));
        if (nameSeed != null) {
            SEED_HIGH.set(bytes, at, nameSeed.getMostSignificantBits());
            SEED_LOW.set(bytes, at, nameSeed.getLeastSignificantBits());
        }
    }

    /// The hash that places names in the sending image; null where no record needs it.
    @Nullable NameHash nameHash() {
        return nameSeed == null ? null : NameHash.of(nameSeed);
    }

    /// Whether bytes begin as a header does.
    static boolean hasMagic(byte[] bytes, int at) {
        return MAGIC_FIELD.get(bytes, at) == magic();
    }

    /// @throws RequestException `TOO_NEW`, `INVALID`
    static StreamHeader readFrom(byte[] bytes, int at, int lengthBytes) throws RequestException {
        if (lengthBytes < LAYOUT.sizeBytes() || !hasMagic(bytes, at)) {
            throw RecordReader.noStream();
        }
        int version = VERSION_FIELD.get(bytes, at);
        long features = FEATURES.get(bytes, at);
        if (version != VERSION || (features & ~KNOWN) != 0) {
            throw new RequestException(
                    ErrorKind.TOO_NEW,
                    "the stream has version "
                            + Integer.toUnsignedString(version)
                            + ((features & ~KNOWN) == 0
                                    ? ""
                                    : ", features 0x" + Long.toHexString(features))
                            + "; this cowfs reads version "
                            + VERSION
                            + ": use a newer cowfs to receive it");
        }
        int count = SNAPSHOT_COUNT.get(bytes, at);
        int resumed = RESUMED.get(bytes, at);
        UUID seed = new UUID(SEED_HIGH.get(bytes, at), SEED_LOW.get(bytes, at));
        boolean ranges = (features & RANGES) != 0;
        if (lengthBytes != LAYOUT.sizeBytes()
                || count < 1
                || count > MAX_SNAPSHOTS
                || resumed > 1
                || (!ranges && !seed.equals(NO_SEED))
                || !RESERVED.isZero(bytes, at)) {
            throw RecordReader.damaged("its header is not valid");
        }
        return new StreamHeader(
                new UUID(POOL_HIGH.get(bytes, at), POOL_LOW.get(bytes, at)),
                count,
                resumed == 1,
                ranges ? seed : null,
                (features & COMPRESSED) != 0);
    }
}
