package cowfs.inode;

import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.txn.FileTree;
import cowfs.txn.TreeChange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Changes the length of files, and what cutting them and punching holes have in common. The caller
/// holds the inode's mutex.
///
/// What it frees, it frees in steps of a bounded number of items, from the end backwards, each step
/// in a change of its own; a truncation lowers the length with each, so that a crash leaves a file
/// cut off further back and never one with old bytes behind its end. All that a bounded number of
/// items covers goes in one change.
final class ContentCutter {
    /// The most items that one change frees.
    static final int STEP_ITEMS = 500;

    private final FileTree tree;
    private final Inodes inodes;
    private final ExtentMap extents;
    private final ContentReader reader;
    private final Privileges privileges;

    ContentCutter(
            FileTree tree,
            Inodes inodes,
            ExtentMap extents,
            ContentReader reader,
            Privileges privileges) {
        this.tree = tree;
        this.inodes = inodes;
        this.extents = extents;
        this.reader = reader;
        this.privileges = privileges;
    }

    /// Sets the length of a regular file, and with it what else `edit` names. Space allocated
    /// behind the end goes unless the file grows.
    Attributes resize(long number, long sizeBytes, AttributeChange edit) throws IOException {
        ContentWriter.requireRange(sizeBytes, 0);
        long before =
                tree.read(
                        items -> {
                            Inode inode = inodes.getRegular(items, number);
                            inode.requireAllowed(edit);
                            return inode.sizeBytes();
                        });
        long keep = Blocks.fromBytes(sizeBytes);
        boolean cut = sizeBytes <= before;
        int dropped = cut ? dropExcess(number, keep, ExtentMap.END, true, edit.bits()) : 0;
        try (ContentSwap swap = new ContentSwap(tree.data(), extents, number)) {
            if (cut) {
                int kept = (int) (sizeBytes & (Blocks.SIZE - 1));
                boolean edge =
                        kept > 0
                                && sizeBytes < before
                                && zero(swap, number, keep - 1, kept, Blocks.SIZE, sizeBytes);
                swap.drop(edge ? keep - 1 : keep, ExtentMap.END);
            }
            Timestamp now = inodes.now();
            TreeChange<Attributes> body =
                    change -> {
                        Inode inode = inodes.getRegular(change.tree(), number);
                        inode.requireAllowed(edit);
                        swap.apply(change, inode);
                        inode.setSizeBytes(sizeBytes);
                        inode.contentChanged(now);
                        privileges.apply(change, inode, edit, now);
                        inode.put(change);
                        return inode.attributes();
                    };
            return cut
                    ? tree.changeFreeing(swap.itemCount(dropped + 1), body)
                    : tree.change(swap.itemCount(0), body);
        }
    }

    /// Frees all but the first items between two blocks, so that one more change can free the rest.
    ///
    /// @return how many items are left
    int dropExcess(long number, long from, long to, boolean shorten, SetIdBits bits)
            throws IOException {
        while (true) {
            int count = tree.read(items -> extents.count(items, number, from, to, STEP_ITEMS + 1));
            if (count <= STEP_ITEMS) {
                return count;
            }
            long start =
                    tree.read(items -> extents.startOfLast(items, number, from, to, STEP_ITEMS));
            Timestamp now = inodes.now();
            tree.changeFreeing(
                    STEP_ITEMS + 3,
                    change -> {
                        Inode inode = inodes.getRegular(change.tree(), number);
                        inode.addSectors(-extents.drop(change, number, start, to));
                        privileges.drop(change, inode, bits);
                        if (shorten) {
                            inode.setSizeBytes(Math.min(inode.sizeBytes(), Blocks.toBytes(start)));
                        }
                        inode.contentChanged(now);
                        inode.put(change);
                        return inode;
                    });
        }
    }

    /// Prepares a block in which the bytes from `from` to before `to` are zero.
    ///
    /// @param sizeAfter length of the file afterwards
    /// @return false when they are zero already and the block stays as it is
    boolean zero(ContentSwap swap, long number, long block, int from, int to, long sizeAfter)
            throws IOException {
        int inlineBytes = tree.read(items -> extents.contentBytes(items, number, block));
        if (inlineBytes <= from) {
            return false;
        }
        byte[] content = reader.readBlock(number, block);
        Arrays.fill(content, from, to, (byte) 0);
        int length = (int) Math.min(Blocks.SIZE, sizeAfter - Blocks.toBytes(block));
        if (inlineBytes < Blocks.SIZE) {
            length = Math.min(length, inlineBytes);
        }
        if (from == 0 && to >= length) {
            return true;
        }
        if (to >= length) {
            length = from;
        }
        boolean last = sizeAfter <= Blocks.toBytes(block + 1);
        if (length <= ContentItem.MAX_INLINE_BYTES && (last || inlineBytes < Blocks.SIZE)) {
            int cap = tree.read(ExtentMap::maxInlineBytes);
            if (length <= cap) {
                swap.inline(block, content, length);
                return true;
            }
        }
        swap.write(block, ByteBuffer.wrap(content));
        return true;
    }
}
