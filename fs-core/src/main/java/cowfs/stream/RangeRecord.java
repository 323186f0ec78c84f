package cowfs.stream;

import cowfs.format.Layout;

/// What follows the common fields in `UNWRITTEN`, `HOLE` and `CLONE` records.
public final class RangeRecord {
    private static final Layout.Builder FIELDS = Layout.of("stream_range");

    static final Layout.U64Field BLOCK_COUNT =
            FIELDS.u64("block_count", "blocks from the offset on, at least 1");
    static final Layout.U64Field SOURCE_INODE =
            FIELDS.u64("source_inode", "of CLONE: inode that has the same blocks, else 0");
    static final Layout.U64Field SOURCE_OFFSET =
            FIELDS.u64("source_offset", "of CLONE: where it has them, in bytes, else 0");

    public static final Layout LAYOUT = FIELDS.size(24);

    private RangeRecord() {}

    static byte[] of(long blockCount, long sourceInode, long sourceOffset) {
        byte[] b = new byte[LAYOUT.sizeBytes()];
        BLOCK_COUNT.set(b, 0, blockCount);
        SOURCE_INODE.set(b, 0, sourceInode);
        SOURCE_OFFSET.set(b, 0, sourceOffset);
        return b;
    }
}
