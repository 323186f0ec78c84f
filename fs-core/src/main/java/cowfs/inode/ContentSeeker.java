package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume.SeekTarget;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.txn.FileTree;
import java.io.IOException;

/// Finds data and holes of files, as `SEEK_DATA` and `SEEK_HOLE` do: exact to the block, whether
/// committed or not. Thread safe.
///
/// What was never written is a hole, and so are unwritten extents.
final class ContentSeeker {
    /// The most items that one tree section looks at.
    private static final int STEP_LOOKS = 4096;

    private final FileTree tree;
    private final Inodes inodes;
    private final ExtentMap extents;

    ContentSeeker(FileTree tree, Inodes inodes, ExtentMap extents) {
        this.tree = tree;
        this.inodes = inodes;
        this.extents = extents;
    }

    long seek(long number, long offset, SeekTarget what) throws IOException {
        long at = offset;
        while (true) {
            long from = at;
            Step step = tree.read(items -> step(items, number, from, what));
            if (step.found) {
                return step.offset;
            }
            at = step.offset;
        }
    }

    private Step step(BTree items, long number, long offset, SeekTarget what) throws IOException {
        long size = inodes.getFileBytes(items, number);
        if (offset < 0 || offset >= size) {
            throw nothing(number, offset, size);
        }
        Cursor c = items.cursor();
        long at = offset;
        boolean more = extents.seek(c, number, at >>> Blocks.SHIFT);
        for (int looks = 0; at < size; looks++) {
            long start = more ? Blocks.toBytes(ExtentMap.startBlock(c)) : size;
            if (start > at) {
                if (what == SeekTarget.HOLE) {
                    return new Step(true, at);
                }
                at = start;
                continue;
            }
            boolean data =
                    ContentItem.ENCODING.get(c.page(), c.position()) != ContentItem.UNWRITTEN;
            if (data == (what == SeekTarget.DATA)) {
                return new Step(true, at);
            }
            at = Blocks.toBytes(ExtentMap.endBlock(c));
            if (looks >= STEP_LOOKS && at < size) {
                return new Step(false, at);
            }
            more = extents.next(c, number);
        }
        if (what == SeekTarget.HOLE) {
            return new Step(true, size);
        }
        throw nothing(number, offset, size);
    }

    private RequestException nothing(long number, long offset, long size) {
        return new RequestException(
                ErrorKind.NO_SUCH_OFFSET,
                "nothing to find at or after offset "
                        + offset
                        + " of inode "
                        + number
                        + " in "
                        + tree.name()
                        + ", which has "
                        + CountText.of(size, "byte"));
    }

    /// @param found whether the search ended at `offset`, or goes on there
    private record Step(boolean found, long offset) {}
}
