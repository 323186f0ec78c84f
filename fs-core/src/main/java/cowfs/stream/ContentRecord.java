package cowfs.stream;

import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.Layout;

/// What follows the common fields in `DATA` and `INLINE` records; the bytes follow that.
public final class ContentRecord {
    private static final Layout.Builder FIELDS = Layout.of("stream_content");

    static final Layout.U32Field LENGTH =
            FIELDS.u32("length", "bytes of content that follow; of DATA whole blocks");
    static final Layout.U8Field ENCODING = FIELDS.u8("encoding", "0: as they are");
    static final Layout.ReservedField RESERVED = FIELDS.reserved(3);

    public static final Layout LAYOUT = FIELDS.size(8);

    /// The most bytes of a `DATA` record.
    static final int MAX_DATA_BYTES = ContentItem.MAX_PLAIN_BLOCKS * Blocks.SIZE;

    private ContentRecord() {}

    /// Whether lengths and reserved bytes are as they should be.
    static boolean isWhole(RecordKind kind, byte[] b, int at, int lengthBytes) {
        if (lengthBytes <= LAYOUT.sizeBytes()
                || lengthBytes - LAYOUT.sizeBytes() != LENGTH.getUnsigned(b, at)
                || ENCODING.get(b, at) != 0
                || !RESERVED.isZero(b, at)) {
            return false;
        }
        int length = LENGTH.get(b, at);
        return kind == RecordKind.DATA
                ? length <= MAX_DATA_BYTES && length % Blocks.SIZE == 0
                : length <= ContentItem.MAX_INLINE_BYTES;
    }
}
