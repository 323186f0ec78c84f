package cowfs.format;

import cowfs.error.CorruptException;
import cowfs.error.CountText;

/// How far the last scrub of the pool has come, in the root tree under (0, `SCRUB`, 0).
///
/// @param finished whether it reached the end
/// @param startTxg what was born later is not verified: it was written while the scrub ran
/// @param startedSeconds when it began, in seconds since 1970
/// @param updatedSeconds when this was written
/// @param cursorTree the tree that is being verified; all with lower ids are done
/// @param cursorInode with kind and offset the first key of that tree that is not done
/// @param verifiedBlocks blocks read so far
/// @param repairedCount copies of nodes and superblocks that were made good
/// @param lostCount pieces of damage without a good copy, listed or not
public record ScrubItem(
        boolean finished,
        long startTxg,
        long startedSeconds,
        long updatedSeconds,
        long cursorTree,
        long cursorInode,
        int cursorKind,
        long cursorOffset,
        long verifiedBlocks,
        long repairedCount,
        long lostCount) {
    private static final Layout.Builder FIELDS = Layout.of("scrub");
    private static final Layout.U8Field FINISHED = FIELDS.u8("finished", "1 at the end, else 0");
    private static final Layout.U8Field CURSOR_KIND =
            FIELDS.u8("cursor_kind", "of the first key that is not done");
    private static final Layout.ReservedField RESERVED_1 = FIELDS.reserved(6);
    private static final Layout.U64Field START_TXG =
            FIELDS.u64("start_txg", "what was born later is not verified");
    private static final Layout.U64Field STARTED_SECONDS =
            FIELDS.u64("started_seconds", "since 1970, signed");
    private static final Layout.U64Field UPDATED_SECONDS =
            FIELDS.u64("updated_seconds", "when this was written");
    private static final Layout.U64Field CURSOR_TREE =
            FIELDS.u64("cursor_tree", "trees with lower ids are done");
    private static final Layout.U64Field CURSOR_INODE =
            FIELDS.u64("cursor_inode", "of the first key that is not done");
    private static final Layout.U64Field CURSOR_OFFSET = FIELDS.u64("cursor_offset", "of that key");
    private static final Layout.U64Field VERIFIED_BLOCKS =
            FIELDS.u64("verified_blocks", "blocks read so far");
    private static final Layout.U64Field REPAIRED_COUNT =
            FIELDS.u64("repaired_count", "copies made good");
    private static final Layout.U64Field LOST_COUNT =
            FIELDS.u64("lost_count", "pieces of damage without a good copy");
    private static final Layout.ReservedField RESERVED_2 = FIELDS.reserved(16);
    public static final Layout LAYOUT = FIELDS.size(96);

    public byte[] toBytes() {
        byte[] b = new byte[LAYOUT.sizeBytes()];
        FINISHED.set(b, 0, finished ? 1 : 0);
        CURSOR_KIND.set(b, 0, cursorKind);
        START_TXG.set(b, 0, startTxg);
        STARTED_SECONDS.set(b, 0, startedSeconds);
        UPDATED_SECONDS.set(b, 0, updatedSeconds);
        CURSOR_TREE.set(b, 0, cursorTree);
        CURSOR_INODE.set(b, 0, cursorInode);
        CURSOR_OFFSET.set(b, 0, cursorOffset);
        VERIFIED_BLOCKS.set(b, 0, verifiedBlocks);
        REPAIRED_COUNT.set(b, 0, repairedCount);
        LOST_COUNT.set(b, 0, lostCount);
        return b;
    }

    /// Decodes and validates an item.
    public static ScrubItem readFrom(byte[] b, int base, int lengthBytes) throws CorruptException {
        if (lengthBytes != LAYOUT.sizeBytes()) {
            throw new CorruptException(
                    "scrub", "root tree", "it has " + CountText.of(lengthBytes, "byte"));
        }
        ScrubItem item =
                new ScrubItem(
                        FINISHED.get(b, base) == 1,
                        START_TXG.get(b, base),
                        STARTED_SECONDS.get(b, base),
                        UPDATED_SECONDS.get(b, base),
                        CURSOR_TREE.get(b, base),
                        CURSOR_INODE.get(b, base),
                        CURSOR_KIND.get(b, base),
                        CURSOR_OFFSET.get(b, base),
                        VERIFIED_BLOCKS.get(b, base),
                        REPAIRED_COUNT.get(b, base),
                        LOST_COUNT.get(b, base));
        boolean reserved = RESERVED_1.isZero(b, base) && RESERVED_2.isZero(b, base);
        if (!reserved
                || FINISHED.get(b, base) > 1
                || item.startTxg <= 0
                || item.cursorTree < 0
                || item.verifiedBlocks < 0
                || item.repairedCount < 0
                || item.lostCount < 0) {
            throw new CorruptException("scrub", "root tree", "a field is out of range: " + item);
        }
        return item;
    }
}
