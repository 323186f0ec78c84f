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
/// - `UNWRITTEN` (layout `extent_item`): allocated blocks that read as zero, without checksums;
/// - `ZSTD` and `LZ4` (layout `compressed_item`): a part of a compressed extent, or all of it. Its
///   bytes fill blocks on disk from the first on, zero behind them, with a CRC32C for each of those
///   blocks; uncompressed they are `extent_blocks` whole blocks, of which the item stands for
///   `length`, from block `first_block` on.
///
/// Lengths and addresses of extents are in blocks of 4096 bytes.
///
/// A compressed extent is one thing: whatever part of it an item stands for, it holds a reference
/// to all of its blocks on disk. So what an item covers in the file ({@link #blockCount}) and what
/// it names on disk ({@link #diskBlocks}) are two lengths.
public final class ContentItem {
    private static final Layout.Builder INLINE_FIELDS = Layout.of("content_item");

    public static final Layout.U8Field ENCODING =
            INLINE_FIELDS.u8("encoding", "0 inline, 1 plain, 2 unwritten, 3 zstd, 4 lz4");
    private static final Layout.ReservedField RESERVED = INLINE_FIELDS.reserved(3);
    public static final Layout.U32Field LENGTH =
            INLINE_FIELDS.u32(
                    "length", "of inline content in bytes, of an extent in blocks of the file");

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

    private static final Layout.Builder COMPRESSED_FIELDS = Layout.of("compressed_item");

    @SuppressWarnings("UnusedVariable") // declares where the other fields begin
    private static final Layout.BytesField EXTENT_HEAD =
            COMPRESSED_FIELDS.bytes("extent_item", EXTENT_LAYOUT.sizeBytes(), "as above");

    public static final Layout.U32Field COMPRESSED_BYTES =
            COMPRESSED_FIELDS.u32("compressed_bytes", "of the whole extent");
    public static final Layout.U8Field EXTENT_BLOCKS =
            COMPRESSED_FIELDS.u8("extent_blocks", "of the whole extent when uncompressed, 2 to 32");
    public static final Layout.U8Field FIRST_BLOCK =
            COMPRESSED_FIELDS.u8("first_block", "the first of these that the item stands for");
    private static final Layout.ReservedField COMPRESSED_RESERVED = COMPRESSED_FIELDS.reserved(2);

    /// The fixed part of a compressed extent.
    public static final Layout COMPRESSED_LAYOUT = COMPRESSED_FIELDS.size(32);

    public static final int INLINE = 0;
    public static final int PLAIN = 1;
    public static final int UNWRITTEN = 2;
    public static final int ZSTD = 3;
    public static final int LZ4 = 4;

    /// The length of a block.
    public static final int BLOCK_BYTES = 4096;

    /// The longest inline content; a small node may set a lower cap.
    public static final int MAX_INLINE_BYTES = 2048;

    /// The longest plain extent: 512 KiB, so that several items with their checksums fit the
    /// smallest node.
    public static final int MAX_PLAIN_BLOCKS = 128;

    /// The longest unwritten extent: 128 MiB.
    public static final int MAX_UNWRITTEN_BLOCKS = 32768;

    /// The longest compressed extent, uncompressed: 128 KiB. It is read and uncompressed whole
    /// whatever is wanted of it.
    public static final int MAX_COMPRESSED_BLOCKS = 32;

    /// Above the addresses of all images: 2^51.
    private static final long COMPRESSED_IDS = 1L << 62;

    private ContentItem() {}

    /// The size in bytes of the item of an extent that is not compressed.
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

    /// A new item for all of a compressed extent; its checksums are still to be set.
    public static byte[] compressedExtent(
            int encoding, long address, int blockCount, int compressedBytes, long birthTxg) {
        int crcs = blocks(compressedBytes);
        byte[] item = new byte[COMPRESSED_LAYOUT.sizeBytes() + 4 * crcs];
        ENCODING.set(item, 0, encoding);
        LENGTH.set(item, 0, blockCount);
        ADDRESS.set(item, 0, address);
        BIRTH_TXG.set(item, 0, birthTxg);
        COMPRESSED_BYTES.set(item, 0, compressedBytes);
        EXTENT_BLOCKS.set(item, 0, blockCount);
        return item;
    }

    /// The item for `count` of the blocks that a sound extent item covers, from its block `first`
    /// on.
    public static byte[] part(byte[] item, int first, int count) {
        int encoding = ENCODING.get(item, 0);
        if (isCompressed(encoding)) {
            byte[] part = item.clone();
            LENGTH.set(part, 0, count);
            FIRST_BLOCK.set(part, 0, FIRST_BLOCK.get(item, 0) + first);
            return part;
        }
        long address = ADDRESS.get(item, 0) + first;
        byte[] part = extent(encoding, address, count, BIRTH_TXG.get(item, 0));
        if (encoding == PLAIN) {
            int fixed = EXTENT_LAYOUT.sizeBytes();
            System.arraycopy(item, fixed + 4 * first, part, fixed, 4 * count);
        }
        return part;
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

    /// How many blocks on disk an extent item names, from {@link #ADDRESS} on.
    public static int diskBlocks(byte[] page, int position) {
        return isCompressed(page, position)
                ? blocks(COMPRESSED_BYTES.get(page, position))
                : LENGTH.get(page, position);
    }

    /// How many blocks on disk an extent item counts for in the size of its file and of its
    /// subvolume. Of a compressed extent that is the item's share, in proportion: the parts into
    /// which one is cut count together as much as it did.
    public static int chargedBlocks(byte[] page, int position) {
        int length = LENGTH.get(page, position);
        if (!isCompressed(page, position)) {
            return length;
        }
        int disk = diskBlocks(page, position);
        int whole = EXTENT_BLOCKS.get(page, position);
        int first = FIRST_BLOCK.get(page, position);
        return (first + length) * disk / whole - first * disk / whole;
    }

    /// What tells the blocks that written extents hold from one another: two items of one state
    /// have the same number for a block exactly if they stand for the same block of the same
    /// extent. The numbers of consecutive blocks of an item are consecutive.
    ///
    /// @param block of those that the item covers
    public static long contentId(byte[] page, int position, long block) {
        long address = ADDRESS.get(page, position);
        return isCompressed(page, position)
                ? COMPRESSED_IDS
                        + address * MAX_COMPRESSED_BLOCKS
                        + FIRST_BLOCK.get(page, position)
                        + block
                : address + block;
    }

    /// Whether the item is a part of a compressed extent.
    public static boolean isCompressed(byte[] page, int position) {
        return isCompressed(ENCODING.get(page, position));
    }

    public static boolean isCompressed(int encoding) {
        return encoding == ZSTD || encoding == LZ4;
    }

    /// Whether an extent item has a checksum for each of its blocks on disk.
    public static boolean hasCrcs(byte[] page, int position) {
        int encoding = ENCODING.get(page, position);
        return encoding == PLAIN || isCompressed(encoding);
    }

    /// What people and scripts call an encoding.
    public static String encodingName(byte[] page, int position) {
        return switch (ENCODING.get(page, position)) {
            case INLINE -> "inline";
            case PLAIN -> "plain";
            case UNWRITTEN -> "unwritten";
            case ZSTD -> "zstd";
            case LZ4 -> "lz4";
            default -> "unknown";
        };
    }

    /// The CRC32C of one block on disk of an extent that {@link #hasCrcs}.
    public static int crc(byte[] page, int position, int block) {
        return Crc.FIELD.get(page, crcPosition(page, position, block));
    }

    public static void setCrc(byte[] page, int position, int block, int crc) {
        Crc.FIELD.set(page, crcPosition(page, position, block), crc);
    }

    private static int crcPosition(byte[] page, int position, int block) {
        Layout fixed = isCompressed(page, position) ? COMPRESSED_LAYOUT : EXTENT_LAYOUT;
        return position + fixed.sizeBytes() + 4 * block;
    }

    private static int blocks(int bytes) {
        return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
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
        if (encoding > LZ4) {
            return "unknown encoding, has " + encoding;
        }
        int cap =
                switch (encoding) {
                    case INLINE -> MAX_INLINE_BYTES;
                    case PLAIN -> MAX_PLAIN_BLOCKS;
                    case UNWRITTEN -> MAX_UNWRITTEN_BLOCKS;
                    default -> MAX_COMPRESSED_BLOCKS;
                };
        if (length == 0 || length > cap) {
            return "length is out of range, has " + length + " want 1 to " + cap;
        }
        if (isCompressed(encoding)) {
            String damage = checkCompressed(page, position, lengthBytes, (int) length);
            return damage == null ? checkPlace(page, position) : damage;
        }
        int want =
                encoding == INLINE
                        ? LAYOUT.sizeBytes() + (int) length
                        : extentItemBytes(encoding, (int) length);
        if (lengthBytes != want) {
            return "item has " + CountText.of(lengthBytes, "byte") + ", want " + want;
        }
        return encoding == INLINE ? null : checkPlace(page, position);
    }

    private static @Nullable String checkCompressed(
            byte[] page, int position, int lengthBytes, int length) {
        int fixed = COMPRESSED_LAYOUT.sizeBytes();
        if (lengthBytes < fixed) {
            return "item has " + CountText.of(lengthBytes, "byte") + ", want at least " + fixed;
        }
        if (!COMPRESSED_RESERVED.isZero(page, position)) {
            return "reserved bytes are not zero";
        }
        int whole = EXTENT_BLOCKS.get(page, position);
        if (whole < 2 || whole > MAX_COMPRESSED_BLOCKS) {
            return "extent blocks are out of range, has "
                    + whole
                    + " want 2 to "
                    + MAX_COMPRESSED_BLOCKS;
        }
        int first = FIRST_BLOCK.get(page, position);
        if (first + length > whole) {
            return "first block and length leave the extent, have "
                    + first
                    + " and "
                    + length
                    + " of "
                    + whole;
        }
        long bytes = COMPRESSED_BYTES.getUnsigned(page, position);
        int most = (whole - 1) * BLOCK_BYTES;
        if (bytes == 0 || bytes > most) {
            return "compressed bytes are out of range, has " + bytes + " want 1 to " + most;
        }
        int want = fixed + 4 * blocks((int) bytes);
        return lengthBytes == want
                ? null
                : "item has " + CountText.of(lengthBytes, "byte") + ", want " + want;
    }

    private static @Nullable String checkPlace(byte[] page, int position) {
        long address = ADDRESS.get(page, position);
        if (address <= 0 || address > Long.MAX_VALUE / BLOCK_BYTES - diskBlocks(page, position)) {
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
