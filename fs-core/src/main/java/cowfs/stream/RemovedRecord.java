package cowfs.stream;

import cowfs.format.Layout;

/// What follows the common fields in `REMOVE_INODES`.
public final class RemovedRecord {
    private static final Layout.Builder FIELDS = Layout.of("stream_removed");

    static final Layout.U64Field INODE_COUNT =
            FIELDS.u64("inode_count", "inode numbers that are not in use, at least 1");

    public static final Layout LAYOUT = FIELDS.size(8);

    private RemovedRecord() {}

    static byte[] of(long inodeCount) {
        byte[] b = new byte[LAYOUT.sizeBytes()];
        INODE_COUNT.set(b, 0, inodeCount);
        return b;
    }

    static boolean isWhole(byte[] b, int at, int lengthBytes) {
        return lengthBytes == LAYOUT.sizeBytes() && INODE_COUNT.get(b, at) > 0;
    }
}
