package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import org.jspecify.annotations.Nullable;

/// The item of an inode: its attributes. Key: (inode, `INODE`, 0).
///
/// Read and written in place through the fields; there is no object for an item.
public final class InodeItem {
    private static final Layout.Builder FIELDS = Layout.of("inode_item");

    public static final Layout.U32Field MODE =
            FIELDS.u32("mode", "file type and permission bits, as in `st_mode`");
    public static final Layout.U32Field LINK_COUNT =
            FIELDS.u32(
                    "link_count",
                    "hard links; of a directory 2 plus its subdirectories; 0: orphan");
    public static final Layout.U32Field UID = FIELDS.u32("uid", "owner");
    public static final Layout.U32Field GID = FIELDS.u32("gid", "group");
    public static final Layout.U64Field SIZE_BYTES =
            FIELDS.u64(
                    "size_bytes", "length of a file or a symlink's target; entries of a directory");
    public static final Layout.U64Field SECTORS =
            FIELDS.u64("sectors", "space that its content items stand for, in units of 512 bytes");
    public static final Layout.U64Field DEVICE =
            FIELDS.u64("device", "device number of a device node, else 0");
    public static final Layout.U64Field GENERATION =
            FIELDS.u64("generation", "txg in which the inode got its first name");
    public static final Layout.U32Field FLAGS =
            FIELDS.u32(
                    "flags", "16 immutable, 32 append only, 64 not for dumps, 128 no access time");
    public static final Layout.U32Field ACCESSED_NANOS =
            FIELDS.u32("accessed_nanos", "0 to 999,999,999");
    public static final Layout.U32Field MODIFIED_NANOS = FIELDS.u32("modified_nanos", "as above");
    public static final Layout.U32Field CHANGED_NANOS = FIELDS.u32("changed_nanos", "as above");
    public static final Layout.U32Field BORN_NANOS = FIELDS.u32("born_nanos", "as above");
    public static final Layout.U8Field COMPRESSION =
            FIELDS.u8(
                    "compression",
                    "of new content: 0 as its subvolume says, 1 none, 2 lz4, 3 zstd");
    public static final Layout.U8Field COMPRESSION_LEVEL =
            FIELDS.u8("compression_level", "of zstd 1 to 19, else 0");
    private static final Layout.ReservedField RESERVED = FIELDS.reserved(10);
    public static final Layout.U64Field ACCESSED_SECONDS =
            FIELDS.u64("accessed_seconds", "since 1970, signed");
    public static final Layout.U64Field MODIFIED_SECONDS =
            FIELDS.u64("modified_seconds", "of the content");
    public static final Layout.U64Field CHANGED_SECONDS =
            FIELDS.u64("changed_seconds", "of the inode");
    public static final Layout.U64Field BORN_SECONDS = FIELDS.u64("born_seconds", "of the inode");

    public static final Layout LAYOUT = FIELDS.size(112);

    /// Values of {@link #COMPRESSION}.
    public static final int INHERITED = 0;

    public static final int UNCOMPRESSED = 1;
    public static final int LZ4 = 2;
    public static final int ZSTD = 3;

    private static final int MAX_LEVEL = 19;

    /// The longest file: its last block still begins below 2^63.
    private static final long MAX_SIZE_BYTES = Long.MAX_VALUE - Blocks.SIZE + 1;

    private static final int NANOS_LIMIT = 1_000_000_000;
    private static final int KNOWN_FLAGS = 0xf0;
    private static final int MODE_MASK = 0177777;

    private InodeItem() {}

    /// What is wrong with an item, or null.
    public static @Nullable String check(byte[] page, int position, int lengthBytes) {
        if (lengthBytes != LAYOUT.sizeBytes()) {
            return "item has " + CountText.of(lengthBytes, "byte") + ", want " + LAYOUT.sizeBytes();
        }
        int mode = MODE.get(page, position);
        if ((mode & ~MODE_MASK) != 0 || !isType(mode & 0170000)) {
            return "mode is no file type with permissions, has " + Integer.toOctalString(mode);
        }
        if (LINK_COUNT.get(page, position) < 0) {
            return "link count is out of range, has " + LINK_COUNT.getUnsigned(page, position);
        }
        if (SIZE_BYTES.get(page, position) < 0 || SIZE_BYTES.get(page, position) > MAX_SIZE_BYTES) {
            return "size is out of range, has "
                    + Long.toUnsignedString(SIZE_BYTES.get(page, position));
        }
        if (SECTORS.get(page, position) < 0) {
            return "sector count is out of range, has "
                    + Long.toUnsignedString(SECTORS.get(page, position));
        }
        if ((FLAGS.get(page, position) & ~KNOWN_FLAGS) != 0) {
            return "unknown flags, has " + Integer.toHexString(FLAGS.get(page, position));
        }
        if (ACCESSED_NANOS.getUnsigned(page, position) >= NANOS_LIMIT
                || MODIFIED_NANOS.getUnsigned(page, position) >= NANOS_LIMIT
                || CHANGED_NANOS.getUnsigned(page, position) >= NANOS_LIMIT
                || BORN_NANOS.getUnsigned(page, position) >= NANOS_LIMIT) {
            return "nanoseconds of a timestamp are 1,000,000,000 or more";
        }
        int compression = COMPRESSION.get(page, position);
        int level = COMPRESSION_LEVEL.get(page, position);
        boolean known =
                compression == ZSTD
                        ? level >= 1 && level <= MAX_LEVEL
                        : compression < ZSTD && level == 0;
        if (!known) {
            return "unknown compression, has " + compression + " level " + level;
        }
        return RESERVED.isZero(page, position) ? null : "reserved bytes are not zero";
    }

    /// @throws CorruptException when {@link #check} finds something
    public static void validate(byte[] page, int position, int lengthBytes)
            throws CorruptException {
        String damage = check(page, position, lengthBytes);
        if (damage != null) {
            throw new CorruptException("inode item", "position=" + position, damage);
        }
    }

    private static boolean isType(int type) {
        return switch (type) {
            case 0140000, 0120000, 0100000, 0060000, 0040000, 0020000, 0010000 -> true;
            default -> false;
        };
    }
}
