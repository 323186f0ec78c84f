package cowfs.stream;

import cowfs.format.InodeItem;
import cowfs.format.Layout;

/// The attributes in an `INODE` record. What the receiving image counts for itself is not here: the
/// space of the content, and the inode's generation.
public final class InodeRecord {
    private static final Layout.Builder FIELDS = Layout.of("stream_inode");

    static final Layout.U32Field MODE =
            FIELDS.u32("mode", "file type and permission bits, as in `st_mode`");
    static final Layout.U32Field LINK_COUNT =
            FIELDS.u32("link_count", "hard links; of a directory 2 plus its subdirectories");
    static final Layout.U32Field UID = FIELDS.u32("uid", "owner");
    static final Layout.U32Field GID = FIELDS.u32("gid", "group");
    static final Layout.U64Field SIZE_BYTES =
            FIELDS.u64(
                    "size_bytes", "length of a file or a symlink's target; entries of a directory");
    static final Layout.U64Field DEVICE =
            FIELDS.u64("device", "device number of a device node, else 0");
    static final Layout.U32Field FLAGS = FIELDS.u32("flags", "as in `inode_item`");
    static final Layout.U32Field ACCESSED_NANOS = FIELDS.u32("accessed_nanos", "0 to 999,999,999");
    static final Layout.U32Field MODIFIED_NANOS = FIELDS.u32("modified_nanos", "as above");
    static final Layout.U32Field CHANGED_NANOS = FIELDS.u32("changed_nanos", "as above");
    static final Layout.U32Field BORN_NANOS = FIELDS.u32("born_nanos", "as above");
    static final Layout.U8Field COMPRESSION =
            FIELDS.u8("compression", "as in `inode_item`; other than 0 with feature 2 only");
    static final Layout.U8Field COMPRESSION_LEVEL = FIELDS.u8("compression_level", "as there");
    static final Layout.ReservedField RESERVED = FIELDS.reserved(10);
    static final Layout.U64Field ACCESSED_SECONDS =
            FIELDS.u64("accessed_seconds", "since 1970, signed");
    static final Layout.U64Field MODIFIED_SECONDS =
            FIELDS.u64("modified_seconds", "of the content");
    static final Layout.U64Field CHANGED_SECONDS = FIELDS.u64("changed_seconds", "of the inode");
    static final Layout.U64Field BORN_SECONDS = FIELDS.u64("born_seconds", "of the inode");

    public static final Layout LAYOUT = FIELDS.size(96);

    private InodeRecord() {}

    /// The attributes of an inode item.
    static byte[] of(byte[] page, int item) {
        byte[] b = new byte[LAYOUT.sizeBytes()];
        copy(page, item, b, 0, true);
        return b;
    }

    /// An inode item with these attributes; its sectors and generation are zero.
    static byte[] toItem(byte[] b, int at) {
        byte[] item = new byte[InodeItem.LAYOUT.sizeBytes()];
        copy(item, 0, b, at, false);
        return item;
    }

    private static void copy(byte[] page, int item, byte[] b, int at, boolean out) {
        copy(InodeItem.MODE, MODE, page, item, b, at, out);
        copy(InodeItem.LINK_COUNT, LINK_COUNT, page, item, b, at, out);
        copy(InodeItem.UID, UID, page, item, b, at, out);
        copy(InodeItem.GID, GID, page, item, b, at, out);
        copy(InodeItem.SIZE_BYTES, SIZE_BYTES, page, item, b, at, out);
        copy(InodeItem.DEVICE, DEVICE, page, item, b, at, out);
        copy(InodeItem.FLAGS, FLAGS, page, item, b, at, out);
        copy(InodeItem.ACCESSED_NANOS, ACCESSED_NANOS, page, item, b, at, out);
        copy(InodeItem.MODIFIED_NANOS, MODIFIED_NANOS, page, item, b, at, out);
        copy(InodeItem.CHANGED_NANOS, CHANGED_NANOS, page, item, b, at, out);
        copy(InodeItem.BORN_NANOS, BORN_NANOS, page, item, b, at, out);
        copy(InodeItem.COMPRESSION, COMPRESSION, page, item, b, at, out);
        copy(InodeItem.COMPRESSION_LEVEL, COMPRESSION_LEVEL, page, item, b, at, out);
        copy(InodeItem.ACCESSED_SECONDS, ACCESSED_SECONDS, page, item, b, at, out);
        copy(InodeItem.MODIFIED_SECONDS, MODIFIED_SECONDS, page, item, b, at, out);
        copy(InodeItem.CHANGED_SECONDS, CHANGED_SECONDS, page, item, b, at, out);
        copy(InodeItem.BORN_SECONDS, BORN_SECONDS, page, item, b, at, out);
    }

    private static void copy(
            Layout.U8Field of,
            Layout.U8Field in,
            byte[] page,
            int item,
            byte[] b,
            int at,
            boolean out) {
        if (out) {
            in.set(b, at, of.get(page, item));
        } else {
            of.set(page, item, in.get(b, at));
        }
    }

    private static void copy(
            Layout.U32Field of,
            Layout.U32Field in,
            byte[] page,
            int item,
            byte[] b,
            int at,
            boolean out) {
        if (out) {
            in.set(b, at, of.get(page, item));
        } else {
            of.set(page, item, in.get(b, at));
        }
    }

    private static void copy(
            Layout.U64Field of,
            Layout.U64Field in,
            byte[] page,
            int item,
            byte[] b,
            int at,
            boolean out) {
        if (out) {
            in.set(b, at, of.get(page, item));
        } else {
            of.set(page, item, in.get(b, at));
        }
    }
}
