package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;

/// The two items that describe allocation groups in the space tree.
///
/// The *bitmap* of a group (key inode 1, offset = group) has a bit for each block, lowest bit of
/// the first byte first, set when the block is allocated; a group without a bitmap is free. The
/// *summary* of a region of {@link #GROUPS_PER_SUMMARY} groups (key inode 0, offset = region) has
/// two bytes a group: free blocks in the low 12 bits (0 to 1024), use in the bits above.
public final class GroupItem {
    public static final int BITMAP_BYTES = Blocks.PER_GROUP / 8;
    public static final int BITMAP_WORDS = Blocks.PER_GROUP / 64;
    public static final int GROUPS_PER_SUMMARY = 256;
    public static final int SUMMARY_BYTES = 2 * GROUPS_PER_SUMMARY;

    /// The inode part of the keys of summaries.
    public static final long SUMMARY_KEY = 0;

    /// The inode part of the keys of bitmaps.
    public static final long BITMAP_KEY = 1;

    private static final Layout.Builder BITMAP = Layout.of("group_bitmap");
    private static final Layout.Builder SUMMARY = Layout.of("group_summary");

    static {
        BITMAP.bytes("bits", BITMAP_BYTES, "one bit a block, set when allocated");
        SUMMARY.bytes("entries", SUMMARY_BYTES, "two bytes a group: free count, use << 12");
    }

    public static final Layout BITMAP_LAYOUT = BITMAP.size(BITMAP_BYTES);
    public static final Layout SUMMARY_LAYOUT = SUMMARY.size(SUMMARY_BYTES);

    private static final Layout.U16Field ENTRY = new Layout.U16Field(0);
    private static final Layout.U64Field WORD = new Layout.U64Field(0);

    /// What the allocated blocks of a group hold. Numbers are permanent.
    public enum Use {
        UNUSED(0),
        DATA(1),
        METADATA(2);

        private static final Use[] BY_NUMBER = {UNUSED, DATA, METADATA};

        private final int number;

        Use(int number) {
            this.number = number;
        }
    }

    private GroupItem() {}

    public static long word(byte[] bitmap, int base, int index) {
        return WORD.get(bitmap, base + 8 * index);
    }

    public static void setWord(byte[] bitmap, int base, int index, long value) {
        WORD.set(bitmap, base + 8 * index, value);
    }

    public static int freeCount(byte[] summary, int base, int index) {
        return ENTRY.get(summary, base + 2 * index) & 0xfff;
    }

    public static int useNumber(byte[] summary, int base, int index) {
        return ENTRY.get(summary, base + 2 * index) >>> 12;
    }

    public static Use use(byte[] summary, int base, int index) {
        return Use.BY_NUMBER[useNumber(summary, base, index)];
    }

    public static void setEntry(byte[] summary, int base, int index, int freeCount, Use use) {
        ENTRY.set(summary, base + 2 * index, freeCount | use.number << 12);
    }

    /// Checks the size of a bitmap.
    public static void validateBitmap(int lengthBytes, long group) throws CorruptException {
        if (lengthBytes != BITMAP_BYTES) {
            throw new CorruptException(
                    "group_bitmap",
                    "group=" + group,
                    "it has " + CountText.of(lengthBytes, "byte"));
        }
    }

    /// Checks a summary.
    public static void validateSummary(byte[] b, int base, int lengthBytes, long region)
            throws CorruptException {
        if (lengthBytes != SUMMARY_BYTES) {
            throw new CorruptException(
                    "group_summary",
                    "region=" + region,
                    "it has " + CountText.of(lengthBytes, "byte"));
        }
        for (int i = 0; i < GROUPS_PER_SUMMARY; i++) {
            if (freeCount(b, base, i) > Blocks.PER_GROUP
                    || useNumber(b, base, i) >= Use.BY_NUMBER.length) {
                throw new CorruptException(
                        "group_summary",
                        "region=" + region + " entry=" + i,
                        "free count "
                                + freeCount(b, base, i)
                                + " or use "
                                + useNumber(b, base, i)
                                + " is out of range");
            }
        }
    }
}
