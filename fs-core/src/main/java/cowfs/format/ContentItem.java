package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import org.jspecify.annotations.Nullable;

/// The item of a piece of a file's content. Key: (inode, `CONTENT`, byte offset in the file, a
/// multiple of 4096). What no item covers is a hole.
///
/// The first bytes say how the piece is encoded and how long it is:
///
/// - `INLINE` (layout `content_item`): up to one block, its bytes follow in the item; the rest of
///   the block is zero;
/// - `PLAIN` (layout `extent_item`): an extent, whole blocks on disk, with a CRC32C for each block
///   behind the fixed part;
/// - `UNWRITTEN` (layout `extent_item`): allocated blocks that read as zero, without checksums.
///
/// Lengths and addresses of extents are in blocks of 4096 bytes.
public final class ContentItem {
    private static final Layout.Builder INLINE_FIELDS = Layout.of("content_item");

    public static final Layout.U8Field ENCODING =
            INLINE_FIELDS.u8("encoding", "0 inline, 1 plain, 2 unwritten");
    private static final Layout.ReservedField RESERVED = INLINE_FIELDS.reserved(3);
    public static final Layout.U32Field LENGTH =
            INLINE_FIELDS.u32("length", "of inline content in bytes, of an extent in blocks");

    /// The fixed part of inline content and the head of an extent.
    public static final Layout LAYOUT = INLINE_FIELDS.size(8);

    private static final Layout.Builder EXTENT_FIELDS = Layout.of("extent_item");

    @SuppressWarnings("UnusedVariable") // declares where the fields of an extent begin
    private static final Layout.BytesField HEAD =
            EXTENT_FIELDS.bytes(
                    "content_item", LAYOUT.sizeBytes(), "encoding and length, as above");

    public static final Layout.U64Field ADDRESS =
            EXTENT_FIELDS.u64("address", "first block on disk");
    public static final Layout.U64Field BIRTH_TXG =
            EXTENT_FIELDS.u64("birth_txg", "txg in which the blocks were written");

    /// The fixed part of an extent.
    public static final Layout EXTENT_LAYOUT = EXTENT_FIELDS.size(24);

    public static final int INLINE = 0;
    public static final int PLAIN = 1;
    public static final int UNWRITTEN = 2;

    /// The length of a block.
    public static final int BLOCK_BYTES = 4096;

    /// The longest inline content; a small node may set a lower cap.
    public static final int MAX_INLINE_BYTES = 2048;

    /// The longest plain extent: 512 KiB, so that several items with their checksums fit the
    /// smallest node.
    public static final int MAX_PLAIN_BLOCKS = 128;

    /// The longest unwritten extent: 128 MiB.
    public static final int MAX_UNWRITTEN_BLOCKS = 32768;

    private ContentItem() {}

    /// The size of an extent's item in bytes.
    public static int extentItemBytes(int encoding, int blockCount) {
        return EXTENT_LAYOUT.sizeBytes() + (encoding == PLAIN ? 4 * blockCount : 0);
    }

    /// A new extent item; of a plain one the checksums are still to be set.
    public static byte[] extent(int encoding, long address, int blockCount, long birthTxg) {
        byte[] item = new byte[extentItemBytes(encoding, blockCount)];
        ENCODING.set(item, 0, encoding);
        LENGTH.set(item, 0, blockCount);
        ADDRESS.set(item, 0, address);
        BIRTH_TXG.set(item, 0, birthTxg);
        return item;
    }

    /// A new inline item with the first `lengthBytes` bytes of `content`.
    public static byte[] inline(byte[] content, int lengthBytes) {
        byte[] item = new byte[LAYOUT.sizeBytes() + lengthBytes];
        ENCODING.set(item, 0, INLINE);
        LENGTH.set(item, 0, lengthBytes);
        System.arraycopy(content, 0, item, LAYOUT.sizeBytes(), lengthBytes);
        return item;
    }

    /// How many blocks of the file the item covers.
    public static int blockCount(byte[] page, int position) {
        return namesBlocks(page, position) ? LENGTH.get(page, position) : 1;
    }

    /// Whether the item names blocks on disk, and so holds references to them.
    public static boolean namesBlocks(byte[] page, int position) {
        return ENCODING.get(page, position) != INLINE;
    }

    /// The CRC32C of one block of a plain extent.
    public static int crc(byte[] page, int position, int block) {
        return Crc.FIELD.get(page, position + EXTENT_LAYOUT.sizeBytes() + 4 * block);
    }

    public static void setCrc(byte[] page, int position, int block, int crc) {
        Crc.FIELD.set(page, position + EXTENT_LAYOUT.sizeBytes() + 4 * block, crc);
    }

    /// What is wrong with an item, or null.
    public static @Nullable String check(byte[] page, int position, int lengthBytes) {
        if (lengthBytes < LAYOUT.sizeBytes()) {
            return "item has "
                    + CountText.of(lengthBytes, "byte")
                    + ", want at least "
                    + LAYOUT.sizeBytes();
        }
        if (!RESERVED.isZero(page, position)) {
            return "reserved bytes are not zero";
        }
        int encoding = ENCODING.get(page, position);
        long length = LENGTH.getUnsigned(page, position);
        if (encoding > UNWRITTEN) {
            return "unknown encoding, has " + encoding;
        }
        int cap =
                switch (encoding) {
                    case INLINE -> MAX_INLINE_BYTES;
                    case PLAIN -> MAX_PLAIN_BLOCKS;
                    default -> MAX_UNWRITTEN_BLOCKS;
                };
        if (length == 0 || length > cap) {
            return "length is out of range, has " + length + " want 1 to " + cap;
        }
        int want =
                encoding == INLINE
                        ? LAYOUT.sizeBytes() + (int) length
                        : extentItemBytes(encoding, (int) length);
        if (lengthBytes != want) {
            return "item has " + CountText.of(lengthBytes, "byte") + ", want " + want;
        }
        if (encoding == INLINE) {
            return null;
        }
        long address = ADDRESS.get(page, position);
        if (address <= 0 || address > Long.MAX_VALUE / BLOCK_BYTES - length) {
            return "address is out of range, has " + Long.toUnsignedString(address);
        }
        return BIRTH_TXG.get(page, position) <= 0
                ? "birth is out of range, has "
                        + Long.toUnsignedString(BIRTH_TXG.get(page, position))
                : null;
    }

    /// @throws CorruptException when {@link #check} finds something
    public static void validate(byte[] page, int position, int lengthBytes)
            throws CorruptException {
        String damage = check(page, position, lengthBytes);
        if (damage != null) {
            throw new CorruptException("content item", "position=" + position, damage);
        }
    }

    /// One checksum of the array behind the fixed part.
    private static final class Crc {
        static final Layout.U32Field FIELD = Layout.of("crc").u32("crc", "CRC32C of one block");

        private Crc() {}
    }
}
