package cowfs.stream;

import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.Layout;

/// What follows the common fields in `DATA` and `INLINE` records; the bytes follow that.
public final class ContentRecord {
    private static final Layout.Builder FIELDS = Layout.of("stream_content");

    static final Layout.U32Field LENGTH =
            FIELDS.u32("length", "bytes that follow; of DATA that is not compressed whole blocks");
    static final Layout.U8Field ENCODING =
            FIELDS.u8("encoding", "0: as they are; 3 zstd, 4 lz4, as in content items");
    static final Layout.U8Field BLOCKS =
            FIELDS.u8("blocks", "what compressed bytes become, 2 to 32 blocks; else 0");
    static final Layout.ReservedField RESERVED = FIELDS.reserved(2);

    public static final Layout LAYOUT = FIELDS.size(8);

    /// The most bytes of a `DATA` record.
    static final int MAX_DATA_BYTES = ContentItem.MAX_PLAIN_BLOCKS * Blocks.SIZE;

    private ContentRecord() {}

    /// Whether lengths and reserved bytes are as they should be.
    static boolean isWhole(RecordKind kind, byte[] b, int at, int lengthBytes) {
        if (lengthBytes <= LAYOUT.sizeBytes()
                || lengthBytes - LAYOUT.sizeBytes() != LENGTH.getUnsigned(b, at)
                || !RESERVED.isZero(b, at)) {
            return false;
        }
        int length = LENGTH.get(b, at);
        int blocks = BLOCKS.get(b, at);
        if (isCompressed(b, at)) {
            return kind == RecordKind.DATA
                    && ContentItem.isCompressed(ENCODING.get(b, at))
                    && blocks >= 2
                    && blocks <= ContentItem.MAX_COMPRESSED_BLOCKS
                    && length <= (blocks - 1) * Blocks.SIZE;
        }
        if (blocks != 0) {
            return false;
        }
        return kind == RecordKind.DATA
                ? length <= MAX_DATA_BYTES && length % Blocks.SIZE == 0
                : length <= ContentItem.MAX_INLINE_BYTES;
    }

    /// Whether the bytes of a record are compressed.
    static boolean isCompressed(byte[] b, int at) {
        return ENCODING.get(b, at) != 0;
    }

    /// How many blocks of the file a record is about.
    static int blockCount(byte[] b, int at) {
        return isCompressed(b, at)
                ? BLOCKS.get(b, at)
                : Math.max(1, LENGTH.get(b, at) / Blocks.SIZE);
    }
}
