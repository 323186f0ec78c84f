package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.Superblock.Features;
import cowfs.txn.Change;
import java.io.IOException;
import java.util.Arrays;

/// The content items of files: from blocks of a file to what they hold. Stateless but for the
/// tree's number, which errors name; every call belongs into a tree section.
///
/// Positions and lengths are in blocks of 4096 bytes, counted in the file or on disk; space is
/// counted in sectors of 512 bytes, as inodes keep it.
final class ExtentMap {
    /// Past the last block of the largest file, whose length still fits a signed 64-bit number.
    static final long END = (1L << 51) - 1;

    private static final int CONTENT = ItemKind.CONTENT.number();
    private static final int BLOCK_SHIFT = 12;
    private static final int SECTORS_PER_BLOCK = 8;

    /// The most items that one search looks at.
    private static final int MAX_LOOKS = 4096;

    private final long treeId;

    ExtentMap(long treeId) {
        this.treeId = treeId;
    }

    /// Moves to the item that covers `block`, or else to the first one behind it.
    ///
    /// @return false when the file has no item there or behind
    boolean seek(Cursor c, long inode, long block) throws IOException {
        if (c.seekFloor(inode, CONTENT, block << BLOCK_SHIFT) && isOf(c, inode)) {
            checkItem(c);
            if (endBlock(c) > block) {
                return true;
            }
            return next(c, inode);
        }
        if (c.seek(inode, CONTENT, block << BLOCK_SHIFT) && isOf(c, inode)) {
            checkItem(c);
            return true;
        }
        return false;
    }

    /// Moves to the file's next item.
    boolean next(Cursor c, long inode) throws IOException {
        if (c.next() && isOf(c, inode)) {
            checkItem(c);
            return true;
        }
        return false;
    }

    /// How many items touch the blocks from `from` to before `to`, counted up to `limit`. Every one
    /// of them is checked.
    int count(BTree items, long inode, long from, long to, int limit) throws IOException {
        Cursor c = items.cursor();
        int count = 0;
        for (boolean more = from < to && seek(c, inode, from);
                more && count < limit && startBlock(c) < to;
                more = next(c, inode)) {
            count++;
        }
        return count;
    }

    /// Where the last `limit` of the items begin that touch the blocks from `from` to before `to`.
    /// There are more of them than that.
    long startOfLast(BTree items, long inode, long from, long to, int limit) throws IOException {
        Cursor c = items.cursor();
        long start = to;
        boolean more = c.seekFloor(inode, CONTENT, (to << BLOCK_SHIFT) - 1);
        for (int left = limit; left > 0 && more && isOf(c, inode); left--) {
            checkItem(c);
            start = startBlock(c);
            more = c.previous();
        }
        return Math.max(from, start);
    }

    /// Up to which block at most `limit` items touch the blocks from `from` to before `to`.
    long endOfFirst(BTree items, long inode, long from, long to, int limit) throws IOException {
        Cursor c = items.cursor();
        int count = 0;
        for (boolean more = seek(c, inode, from);
                more && startBlock(c) < to;
                more = next(c, inode)) {
            if (count++ == limit) {
                return Math.max(from, startBlock(c));
            }
        }
        return to;
    }

    /// The first block from `from` on that holds data, or `to` when none before that does. A search
    /// through very many unwritten extents ends early, before the first that it did not look at.
    long nextData(BTree items, long inode, long from, long to) throws IOException {
        Cursor c = items.cursor();
        boolean more = seek(c, inode, from);
        for (int looks = 0; more && startBlock(c) < to; looks++) {
            boolean data =
                    ContentItem.ENCODING.get(c.page(), c.position()) != ContentItem.UNWRITTEN;
            if (data || looks == MAX_LOOKS) {
                return Math.max(from, startBlock(c));
            }
            more = next(c, inode);
        }
        return to;
    }

    /// How many bytes of a block do not read as zero by themselves: 0 where nothing was written,
    /// the length of inline content, or the whole block.
    int contentBytes(BTree items, long inode, long block) throws IOException {
        Cursor c = items.cursor();
        if (!seek(c, inode, block) || startBlock(c) > block) {
            return 0;
        }
        return switch (ContentItem.ENCODING.get(c.page(), c.position())) {
            case ContentItem.INLINE -> ContentItem.LENGTH.get(c.page(), c.position());
            case ContentItem.UNWRITTEN -> 0;
            default -> ContentItem.BLOCK_BYTES;
        };
    }

    /// Empties the blocks from `from` to before `to`: an extent that reaches over an edge is split,
    /// and exactly the middle freed. A compressed extent stays as long as a part of it is in use.
    ///
    /// @return the sectors that are gone
    long drop(Change change, long inode, long from, long to) throws IOException {
        Cursor c = change.tree().cursor();
        long sectors = 0;
        long block = from;
        while (block < to && seek(c, inode, block) && startBlock(c) < to) {
            block = endBlock(c);
            sectors += drop(change, c, from, to);
        }
        return sectors;
    }

    /// Drops the item at the cursor, whole. The item is checked first, and gone afterwards: who
    /// takes items until there are none comes to an end.
    ///
    /// @return the sectors that are gone
    long dropItem(Change change, Cursor c) throws IOException {
        checkItem(c);
        return drop(change, c, startBlock(c), endBlock(c));
    }

    /// Drops what the item at the cursor, which was checked, holds for some blocks.
    private long drop(Change change, Cursor c, long from, long to) throws IOException {
        long inode = c.inode();
        long start = startBlock(c);
        if (ContentItem.namesBlocks(c.page(), c.position())) {
            int end = c.position() + c.lengthBytes();
            byte[] item = Arrays.copyOfRange(c.page(), c.position(), end);
            return cut(change, inode, start, item, from, to);
        }
        int lengthBytes = ContentItem.LENGTH.get(c.page(), c.position());
        remove(change, inode, start);
        return inlineSectors(lengthBytes);
    }

    private void remove(Change change, long inode, long block) throws IOException {
        if (!change.tree().remove(inode, CONTENT, block << BLOCK_SHIFT)) {
            throw new CorruptException(
                    "tree",
                    "tree=" + treeId + " inode=" + inode + " offset=" + (block << BLOCK_SHIFT),
                    "an item is not where its key leads");
        }
    }

    private long cut(Change change, long inode, long start, byte[] item, long from, long to)
            throws IOException {
        int count = ContentItem.LENGTH.get(item, 0);
        int charged = ContentItem.chargedBlocks(item, 0);
        int left = (int) Math.max(0, from - start);
        int right = (int) Math.max(0, start + count - to);
        if (left == 0) {
            remove(change, inode, start);
        } else {
            byte[] head = ContentItem.part(item, 0, left);
            change.tree().put(inode, CONTENT, start << BLOCK_SHIFT, head);
            charged -= ContentItem.chargedBlocks(head, 0);
        }
        if (right > 0) {
            byte[] rest = ContentItem.part(item, count - right, right);
            change.tree().put(inode, CONTENT, to << BLOCK_SHIFT, rest);
            charged -= ContentItem.chargedBlocks(rest, 0);
        }
        if (ContentItem.isCompressed(item, 0)) {
            releaseWhole(change, item, (left > 0 ? 1 : 0) + (right > 0 ? 1 : 0));
        } else {
            change.dropExtent(
                    ContentItem.ADDRESS.get(item, 0) + left,
                    count - left - right,
                    ContentItem.BIRTH_TXG.get(item, 0));
        }
        change.addReferencedBlocks(-charged);
        return (long) charged * SECTORS_PER_BLOCK;
    }

    /// Lets go of one item's reference to a compressed extent, for which some others came.
    private static void releaseWhole(Change change, byte[] item, int others) {
        long address = ContentItem.ADDRESS.get(item, 0);
        int diskBlocks = ContentItem.diskBlocks(item, 0);
        if (others == 0) {
            change.dropExtent(address, diskBlocks, ContentItem.BIRTH_TXG.get(item, 0));
        } else if (others == 2) {
            change.shareExtent(address, diskBlocks);
        }
    }

    /// What the item at the cursor holds for the blocks from `from` to before `to` of the file.
    static byte[] cut(Cursor c, long from, long to) {
        byte[] item = c.value();
        int skip = (int) Math.max(0, from - startBlock(c));
        int count = (int) (Math.min(to, endBlock(c)) - startBlock(c)) - skip;
        boolean whole = count == ContentItem.blockCount(item, 0);
        return whole ? item : ContentItem.part(item, skip, count);
    }

    /// Puts newly allocated blocks where the file has a hole. What continues the extent before it,
    /// on disk and in the file, joins it.
    ///
    /// @return the sectors that are added
    long insert(Change change, long inode, Run run) throws IOException {
        if (ContentItem.isCompressed(run.encoding())) {
            return insertCompressed(change, inode, run);
        }
        int cap =
                run.encoding() == ContentItem.PLAIN
                        ? ContentItem.MAX_PLAIN_BLOCKS
                        : ContentItem.MAX_UNWRITTEN_BLOCKS;
        int done = join(change, inode, run, cap);
        while (done < run.blockCount()) {
            int count = Math.min(cap, run.blockCount() - done);
            long address = run.address() + done;
            byte[] item = ContentItem.extent(run.encoding(), address, count, change.txg());
            setCrcs(item, 0, run, done, count);
            change.tree().put(inode, CONTENT, (run.block() + done) << BLOCK_SHIFT, item);
            change.insertExtent(address, count, run.crcs(), done);
            done += count;
        }
        change.addReferencedBlocks(run.blockCount());
        return (long) run.blockCount() * SECTORS_PER_BLOCK;
    }

    private long insertCompressed(Change change, long inode, Run run) throws IOException {
        byte[] item =
                ContentItem.compressedExtent(
                        run.encoding(),
                        run.address(),
                        run.blockCount(),
                        run.compressedBytes(),
                        change.txg());
        int diskBlocks = ContentItem.diskBlocks(item, 0);
        for (int i = 0; i < diskBlocks; i++) {
            ContentItem.setCrc(item, 0, i, run.crcs()[i]);
        }
        change.tree().put(inode, CONTENT, run.block() << BLOCK_SHIFT, item);
        change.needs(Features.COMPRESSION);
        change.insertExtent(run.address(), diskBlocks, run.crcs(), 0);
        change.addReferencedBlocks(diskBlocks);
        return (long) diskBlocks * SECTORS_PER_BLOCK;
    }

    private int join(Change change, long inode, Run run, int cap) throws IOException {
        Cursor c = change.tree().cursor();
        if (run.block() == 0
                || !c.seekFloor(inode, CONTENT, (run.block() << BLOCK_SHIFT) - 1)
                || !isOf(c, inode)) {
            return 0;
        }
        checkItem(c);
        byte[] page = c.page();
        int position = c.position();
        int before = ContentItem.LENGTH.get(page, position);
        if (ContentItem.ENCODING.get(page, position) != run.encoding()
                || endBlock(c) != run.block()
                || ContentItem.ADDRESS.get(page, position) + before != run.address()
                || ContentItem.BIRTH_TXG.get(page, position) != change.txg()
                || before >= cap) {
            return 0;
        }
        int count = Math.min(cap - before, run.blockCount());
        long start = startBlock(c);
        byte[] item = new byte[ContentItem.extentItemBytes(run.encoding(), before + count)];
        System.arraycopy(page, position, item, 0, c.lengthBytes());
        ContentItem.LENGTH.set(item, 0, before + count);
        setCrcs(item, before, run, 0, count);
        change.tree().put(inode, CONTENT, start << BLOCK_SHIFT, item);
        change.insertExtent(run.address(), count, run.crcs(), 0);
        return count;
    }

    private static void setCrcs(byte[] item, int at, Run run, int from, int count) {
        if (run.encoding() == ContentItem.PLAIN) {
            for (int i = 0; i < count; i++) {
                ContentItem.setCrc(item, 0, at + i, run.crcs()[from + i]);
            }
        }
    }

    /// Puts another item for the blocks of one that exists, or for inline content, where the file
    /// has a hole.
    ///
    /// @return the sectors that are added
    long insertShared(Change change, long inode, long block, byte[] item) throws IOException {
        change.tree().put(inode, CONTENT, block << BLOCK_SHIFT, item);
        if (!ContentItem.namesBlocks(item, 0)) {
            return inlineSectors(ContentItem.LENGTH.get(item, 0));
        }
        change.shareExtent(ContentItem.ADDRESS.get(item, 0), ContentItem.diskBlocks(item, 0));
        int charged = ContentItem.chargedBlocks(item, 0);
        change.addReferencedBlocks(charged);
        return (long) charged * SECTORS_PER_BLOCK;
    }

    /// Puts content into the leaf where the file has a hole.
    ///
    /// @return the sectors that are added
    long insertInline(Change change, long inode, long block, byte[] content, int lengthBytes)
            throws IOException {
        byte[] item = ContentItem.inline(content, lengthBytes);
        change.tree().put(inode, CONTENT, block << BLOCK_SHIFT, item);
        return inlineSectors(lengthBytes);
    }

    /// The most bytes that may stay in the leaf.
    static int maxInlineBytes(BTree items) {
        return Math.min(
                ContentItem.MAX_INLINE_BYTES,
                items.maxValueBytes() - ContentItem.LAYOUT.sizeBytes());
    }

    static long startBlock(Cursor c) {
        return c.offset() >>> BLOCK_SHIFT;
    }

    static long endBlock(Cursor c) {
        return startBlock(c) + ContentItem.blockCount(c.page(), c.position());
    }

    private static boolean isOf(Cursor c, long inode) {
        return c.inode() == inode && c.kind() == CONTENT;
    }

    private static long inlineSectors(int lengthBytes) {
        return (lengthBytes + 511L) / 512;
    }

    private void checkItem(Cursor c) throws CorruptException {
        String damage = ContentItem.check(c.page(), c.position(), c.lengthBytes());
        if (damage == null && (c.offset() < 0 || (c.offset() & 4095) != 0)) {
            damage = "offset is no multiple of 4096";
        }
        if (damage == null && endBlock(c) > END) {
            damage = "ends behind the largest file";
        }
        if (damage != null) {
            String where =
                    "tree="
                            + treeId
                            + " inode="
                            + c.inode()
                            + " offset="
                            + Long.toUnsignedString(c.offset());
            throw new CorruptException("content item", where, damage);
        }
    }

    /// Newly allocated blocks and the place in the file where they go.
    ///
    /// @param block of the file, in blocks
    /// @param blockCount of the file
    /// @param crcs one for each block on disk, or empty when unwritten
    /// @param compressedBytes of a compressed extent, else 0
    @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
    record Run(
            long block,
            long address,
            int blockCount,
            int encoding,
            int[] crcs,
            int compressedBytes) {
        int diskBlocks() {
            return ContentItem.isCompressed(encoding) ? crcs.length : blockCount;
        }
    }
}
