package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.format.Blocks;
import cowfs.txn.FileTree;
import java.io.IOException;

/// Fills the holes of a range of a file with unwritten extents, as `fallocate` does. The caller
/// holds the inode's mutex.
///
/// Whether there is room is asked before anything changes. A long or fragmented range takes several
/// changes, from its beginning on; the length and the times of the file change with the last.
final class ContentReserver {
    /// The most extents that one change adds.
    static final int STEP_RUNS = 64;

    /// The most items that one tree section looks at.
    private static final int STEP_LOOKS = 4096;

    private final FileTree tree;
    private final Inodes inodes;
    private final ExtentMap extents;
    private final Privileges privileges;

    ContentReserver(FileTree tree, Inodes inodes, ExtentMap extents, Privileges privileges) {
        this.tree = tree;
        this.inodes = inodes;
        this.extents = extents;
        this.privileges = privileges;
    }

    /// @param grow whether the file becomes as long as the range reaches
    void reserve(long number, long from, long to, boolean grow, SetIdBits bits) throws IOException {
        long end = Blocks.fromBytes(to);
        requireRoom(number, from >>> Blocks.SHIFT, end);
        long block = from >>> Blocks.SHIFT;
        do {
            try (ContentSwap swap = new ContentSwap(tree.data(), extents, number)) {
                block = fill(swap, number, block, end);
                boolean done = block >= end;
                Timestamp now = inodes.now();
                tree.change(
                        swap.itemCount(0),
                        change -> {
                            Inode inode = inodes.getRegular(change.tree(), number);
                            swap.apply(change, inode);
                            privileges.drop(change, inode, bits);
                            if (done) {
                                inode.setSizeBytes(Math.max(inode.sizeBytes(), grow ? to : 0));
                                inode.contentChanged(now);
                            }
                            inode.put(change);
                            return inode;
                        });
            }
        } while (block < end);
    }

    /// Prepares unwritten extents for the holes from `block` on.
    ///
    /// @return up to where there are no more holes
    private long fill(ContentSwap swap, long number, long block, long end) throws IOException {
        while (block < end && swap.runCount() < STEP_RUNS) {
            long from = block;
            Hole hole = tree.read(items -> nextHole(items, number, from, end));
            block = hole.from;
            while (block < hole.to && swap.runCount() < STEP_RUNS) {
                block += swap.reserve(block, hole.to - block);
            }
        }
        return block;
    }

    void requireRoom(long number, long from, long end) throws IOException {
        tree.read(items -> inodes.getFileBytes(items, number));
        long free = tree.poolStatus().freeBlockCount();
        long wanted = 0;
        long block = from;
        while (block < end) {
            long start = block;
            Hole hole = tree.read(items -> nextHole(items, number, start, end));
            wanted += hole.to - hole.from;
            if (wanted > free) {
                throw new RequestException(
                        ErrorKind.NO_SPACE,
                        "no space to allocate "
                                + Blocks.toBytes(end - from)
                                + " bytes: "
                                + Blocks.toBytes(free)
                                + " are free");
            }
            block = hole.to;
        }
    }

    /// The first hole at or behind `block`, or an empty one where the search stopped for now.
    private Hole nextHole(BTree items, long number, long block, long end) throws IOException {
        Cursor c = items.cursor();
        boolean more = extents.seek(c, number, block);
        for (int looks = 0; more && looks < STEP_LOOKS && block < end; looks++) {
            long start = ExtentMap.startBlock(c);
            if (start > block) {
                return new Hole(block, Math.min(start, end));
            }
            block = ExtentMap.endBlock(c);
            more = extents.next(c, number);
        }
        return more || block >= end ? new Hole(block, block) : new Hole(block, end);
    }

    private record Hole(long from, long to) {}
}
