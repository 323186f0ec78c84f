package cowfs.inode;

import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.format.Blocks;
import cowfs.txn.FileTree;
import cowfs.txn.TreeChange;
import java.io.IOException;

/// Makes ranges of files read as zero: punches holes, and zeroes ranges with space reserved. The
/// caller holds the inode's mutex.
///
/// Whole blocks lose what they hold; a block at an edge, of which a part stays, is rewritten. One
/// change does it all, and one that finds no space has changed nothing, unless the range has more
/// pieces than a change may handle: then it goes in steps.
final class RangeClearer {
    private final FileTree tree;
    private final Inodes inodes;
    private final ExtentMap extents;
    private final ContentCutter cutter;
    private final ContentReserver reserver;
    private final Privileges privileges;

    RangeClearer(
            FileTree tree,
            Inodes inodes,
            ExtentMap extents,
            ContentCutter cutter,
            ContentReserver reserver,
            Privileges privileges) {
        this.tree = tree;
        this.inodes = inodes;
        this.extents = extents;
        this.cutter = cutter;
        this.reserver = reserver;
        this.privileges = privileges;
    }

    /// Makes the bytes from `from` to before `to` a hole.
    ///
    /// @param grow whether the file becomes as long as the range reaches
    void punch(long number, long from, long to, boolean grow, SetIdBits bits) throws IOException {
        long sizeBytes = tree.read(items -> inodes.getFileBytes(items, number));
        Edges edges = Edges.of(from, to, sizeBytes);
        cutter.dropExcess(number, edges.low, edges.high, false, bits);
        if (!clear(number, from, to, false, grow, bits)) {
            throw new IllegalStateException("a range still has too many pieces");
        }
    }

    /// Makes the bytes from `from` to before `to` read as zero, with space reserved.
    ///
    /// @param grow whether the file becomes as long as the range reaches
    void zero(long number, long from, long to, boolean grow, SetIdBits bits) throws IOException {
        if (!clear(number, from, to, true, grow, bits)) {
            reserver.requireRoom(number, from >>> Blocks.SHIFT, Blocks.fromBytes(to));
            punch(number, from, to, false, bits);
            reserver.reserve(number, from, to, grow, bits);
        }
    }

    /// Clears a range in one change.
    ///
    /// @return false, with nothing changed, when it has too many pieces
    private boolean clear(
            long number, long from, long to, boolean fill, boolean grow, SetIdBits bits)
            throws IOException {
        long sizeBytes = tree.read(items -> inodes.getFileBytes(items, number));
        Edges edges = Edges.of(from, to, sizeBytes);
        int dropped =
                tree.read(
                        items ->
                                extents.count(
                                        items,
                                        number,
                                        edges.low,
                                        edges.high,
                                        ContentCutter.STEP_ITEMS + 1));
        if (dropped > ContentCutter.STEP_ITEMS) {
            return false;
        }
        try (ContentSwap headSwap = new ContentSwap(tree.data(), extents, number);
                ContentSwap swap = new ContentSwap(tree.data(), extents, number)) {
            prepare(headSwap, swap, number, edges, sizeBytes);
            if (fill && !fill(swap, number, from >>> Blocks.SHIFT, Blocks.fromBytes(to), edges)) {
                return false;
            }
            Timestamp now = inodes.now();
            TreeChange<Boolean> body =
                    change -> {
                        Inode inode = inodes.getRegular(change.tree(), number);
                        headSwap.apply(change, inode);
                        swap.apply(change, inode);
                        privileges.drop(change, inode, bits);
                        inode.setSizeBytes(Math.max(inode.sizeBytes(), grow ? to : 0));
                        inode.contentChanged(now);
                        inode.put(change);
                        return true;
                    };
            int itemCount = headSwap.itemCount(0) + swap.itemCount(dropped + 2);
            return fill ? tree.change(itemCount, body) : tree.changeFreeing(itemCount, body);
        }
    }

    /// Prepares the blocks at the edges, and the drop of all between. The edge before has a swap of
    /// its own: what stays of either may be short enough for the leaf.
    private void prepare(
            ContentSwap headSwap, ContentSwap swap, long number, Edges edges, long sizeBytes)
            throws IOException {
        long low = edges.low;
        long high = edges.high;
        if (low > high) {
            boolean edge = cutter.zero(swap, number, high, edges.head, edges.tail, sizeBytes);
            swap.drop(high, edge ? low : high);
            return;
        }
        if (edges.head > 0
                && cutter.zero(headSwap, number, low - 1, edges.head, Blocks.SIZE, sizeBytes)) {
            headSwap.drop(low - 1, low);
        }
        boolean behind =
                edges.tail > 0 && cutter.zero(swap, number, high, 0, edges.tail, sizeBytes);
        swap.drop(low, behind ? high + 1 : high);
    }

    /// Prepares unwritten extents for all that will be holes.
    ///
    /// @return false when that takes too many extents
    private boolean fill(ContentSwap swap, long number, long first, long end, Edges edges)
            throws IOException {
        long last = end - 1;
        boolean headEdge = first < edges.low;
        boolean tailEdge = last >= edges.high && !(headEdge && last == first);
        long from = headEdge && !needsSpace(swap, number, first) ? first + 1 : first;
        long to = tailEdge && !needsSpace(swap, number, last) ? last : end;
        while (from < to) {
            if (swap.runCount() >= ContentReserver.STEP_RUNS) {
                return false;
            }
            from += swap.reserve(from, to - from);
        }
        return true;
    }

    private boolean needsSpace(ContentSwap swap, long number, long block) throws IOException {
        return swap.leavesHole(block)
                || tree.read(items -> extents.count(items, number, block, block + 1, 1)) == 0;
    }

    /// A range in blocks.
    ///
    /// @param low first whole block
    /// @param high behind the last whole block; below `low` when the range lies inside one
    /// @param head where the range begins in the block before, or 0
    /// @param tail where it ends in the block behind, or 0
    private record Edges(long low, long high, int head, int tail) {
        static Edges of(long from, long to, long sizeBytes) {
            long end = to;
            if (to >= sizeBytes && to >>> Blocks.SHIFT == sizeBytes >>> Blocks.SHIFT) {
                // What follows in the last block is zero already.
                end = Blocks.toBytes(Blocks.fromBytes(to));
            }
            int mask = Blocks.SIZE - 1;
            return new Edges(
                    Blocks.fromBytes(from),
                    end >>> Blocks.SHIFT,
                    (int) (from & mask),
                    (int) (end & mask));
        }
    }
}
