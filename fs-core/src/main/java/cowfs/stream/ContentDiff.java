package cowfs.stream;

import cowfs.error.CorruptException;
import cowfs.file.ByteRange;
import cowfs.file.ReadableVolume;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the bytes of one file differ between two states, from the content items that do.
///
/// Items that are the same in both states cover the same bytes, so only the others are looked at;
/// where one side has none, it has a hole. Two blocks are the same if they are one on disk, and
/// they differ if their checksums do. The rest, such as equal checksums at different addresses,
/// inline bytes against an extent, or compressed extents, is read on both sides, verified, and
/// compared. So a file that was written again with the same bytes has not changed, and a range
/// never holds a block without a difference.
///
/// Memory: two items and two buffers. Not thread safe; one object serves one file after another.
final class ContentDiff {
    /// What is compared at a time.
    private static final int READ_BLOCKS = 64;

    private static final int ZERO_CRC = Checksum.crc32c(new byte[Blocks.SIZE], 0, Blocks.SIZE);

    private final ReadableVolume left;
    private final long beforeTree;
    private final ReadableVolume right;
    private final long afterTree;
    private final List<ByteRange> ranges = new ArrayList<>();
    private final byte[] leftBytes = new byte[READ_BLOCKS * Blocks.SIZE];
    private final byte[] rightBytes = new byte[READ_BLOCKS * Blocks.SIZE];
    private @Nullable Piece before;
    private @Nullable Piece after;
    private long inode;

    /// What both states have, in bytes.
    private long commonBytes;

    private long longerBytes;

    /// Compared up to this block.
    private long position;

    /// The last range, which may still grow; empty when both are equal.
    private long rangeStart;

    private long rangeEnd;

    ContentDiff(ReadableVolume left, long beforeTree, ReadableVolume right, long afterTree) {
        this.left = left;
        this.beforeTree = beforeTree;
        this.right = right;
        this.afterTree = afterTree;
    }

    /// An item of one side.
    ///
    /// @param start its first block in the file
    private record Piece(long start, int blockCount, ItemValue item) {
        long end() {
            return start + blockCount;
        }

        int encoding() {
            return ContentItem.ENCODING.get(item.page(), item.position());
        }

        boolean isPlain() {
            return encoding() == ContentItem.PLAIN;
        }

        boolean isZero() {
            return encoding() == ContentItem.UNWRITTEN;
        }

        boolean isWritten() {
            return ContentItem.hasCrcs(item.page(), item.position());
        }

        long contentId(long block) {
            return ContentItem.contentId(item.page(), item.position(), block - start);
        }

        int crc(long block) {
            return ContentItem.crc(item.page(), item.position(), (int) (block - start));
        }
    }

    private enum Verdict {
        SAME,
        DIFFERENT,
        UNKNOWN
    }

    /// Starts with a file.
    void begin(long newInode, long beforeBytes, long afterBytes) {
        inode = newInode;
        commonBytes = Math.min(beforeBytes, afterBytes);
        longerBytes = Math.max(beforeBytes, afterBytes);
        before = null;
        after = null;
        position = 0;
        rangeStart = 0;
        rangeEnd = 0;
        ranges.clear();
    }

    /// Takes the next item that differs; offsets rise.
    void add(long offset, @Nullable ItemValue old, @Nullable ItemValue fresh) throws IOException {
        long block = offset >>> Blocks.SHIFT;
        compareUntil(block);
        if (old != null) {
            before = piece(beforeTree, offset, old, before);
        }
        if (fresh != null) {
            after = piece(afterTree, offset, fresh, after);
        }
    }

    private Piece piece(long tree, long offset, ItemValue item, @Nullable Piece last)
            throws CorruptException {
        ItemCheck.requireContent(tree, inode, offset, item, last == null ? 0 : last.end());
        return new Piece(
                offset >>> Blocks.SHIFT,
                ContentItem.blockCount(item.page(), item.position()),
                item);
    }

    /// Compares what is left.
    void end() throws IOException {
        compareUntil(Long.MAX_VALUE >>> Blocks.SHIFT);
        if (longerBytes > commonBytes) {
            addRange(commonBytes, longerBytes);
        }
        closeRange();
    }

    /// The complete ranges that have been found; whoever takes them clears the list.
    List<ByteRange> ranges() {
        return ranges;
    }

    private void compareUntil(long end) throws IOException {
        // nothing beyond the common part is compared
        long stop = Math.min(end, (commonBytes + Blocks.SIZE - 1) >>> Blocks.SHIFT);
        while (position < stop) {
            Piece old = at(before);
            Piece fresh = at(after);
            if (old == null && fresh == null) {
                break;
            }
            long to = stop;
            to = old == null ? to : Math.min(to, old.end());
            to = fresh == null ? to : Math.min(to, fresh.end());
            compare(old, fresh, to);
        }
        position = Math.max(position, end);
    }

    /// The piece if it covers the position.
    private @Nullable Piece at(@Nullable Piece piece) {
        return piece != null && position >= piece.start && position < piece.end() ? piece : null;
    }

    /// Compares the blocks from the position to `to`, which the pieces cover as a whole.
    private void compare(@Nullable Piece old, @Nullable Piece fresh, long to) throws IOException {
        if (isZero(old) && isZero(fresh)) {
            position = to;
            return;
        }
        while (position < to) {
            Verdict verdict = verdict(old, fresh, position);
            long end = position + 1;
            while (end < to
                    && verdict(old, fresh, end) == verdict
                    && (verdict != Verdict.UNKNOWN || end - position < READ_BLOCKS)) {
                end++;
            }
            if (verdict == Verdict.DIFFERENT) {
                addBlocks(position, end);
            } else if (verdict == Verdict.UNKNOWN) {
                compareBytes(position, (int) (end - position));
            }
            position = end;
        }
    }

    private static boolean isZero(@Nullable Piece piece) {
        return piece == null || piece.isZero();
    }

    private Verdict verdict(@Nullable Piece old, @Nullable Piece fresh, long block) {
        boolean differ;
        if (old != null && fresh != null && old.isWritten() && fresh.isWritten()) {
            if (old.contentId(block) == fresh.contentId(block)) {
                return Verdict.SAME;
            }
            differ = old.isPlain() && fresh.isPlain() && old.crc(block) != fresh.crc(block);
        } else if (isZero(old) && fresh != null && fresh.isPlain()) {
            differ = fresh.crc(block) != ZERO_CRC;
        } else if (isZero(fresh) && old != null && old.isPlain()) {
            differ = old.crc(block) != ZERO_CRC;
        } else {
            differ = false;
        }
        // a checksum is of the whole block, also of what lies behind the end of the shorter state
        boolean whole = Blocks.toBytes(block + 1) <= commonBytes;
        return differ && whole ? Verdict.DIFFERENT : Verdict.UNKNOWN;
    }

    private void compareBytes(long block, int blockCount) throws IOException {
        long offset = Blocks.toBytes(block);
        int length = (int) Math.min(Blocks.toBytes(blockCount), commonBytes - offset);
        read(left, offset, leftBytes, length);
        read(right, offset, rightBytes, length);
        for (int i = 0; i < length; i += Blocks.SIZE) {
            int end = Math.min(i + Blocks.SIZE, length);
            if (!java.util.Arrays.equals(leftBytes, i, end, rightBytes, i, end)) {
                addBlocks(block + i / Blocks.SIZE, block + i / Blocks.SIZE + 1);
            }
        }
    }

    private void read(ReadableVolume side, long offset, byte[] target, int length)
            throws IOException {
        int count = side.read(inode, offset, ByteBuffer.wrap(target, 0, length));
        if (count != length) {
            throw new CorruptException(
                    "inode",
                    "'" + side.name() + "' inode=" + inode,
                    "it ends at " + (offset + count) + ", before its size");
        }
    }

    private void addBlocks(long from, long to) {
        addRange(Blocks.toBytes(from), Math.min(Blocks.toBytes(to), longerBytes));
    }

    private void addRange(long from, long to) {
        if (from <= rangeEnd && rangeEnd > rangeStart) {
            rangeEnd = Math.max(rangeEnd, to);
            return;
        }
        closeRange();
        rangeStart = from;
        rangeEnd = to;
    }

    private void closeRange() {
        if (rangeEnd > rangeStart) {
            ranges.add(new ByteRange(rangeStart, rangeEnd - rangeStart));
        }
        rangeStart = rangeEnd;
    }
}
