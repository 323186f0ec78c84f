package cowfs.stream;

import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Turns the content items in which two states of a file differ into ranges that differ.
///
/// ```
///     before   [ A 0..7                    ]           [ C 20..23 ]
///     after    [ A 0..2 ][ B 3 ][ A 4..7 ]  [ D 12 ]
///     told               put B 3             put D 12   drop 20..23
/// ```
///
/// Items cover ranges of any length, so an item that differs need not say anything new: a range
/// that has the same blocks on both sides is left out. Blocks are never written in place, so as
/// long as both states are there the same place has the same bytes. Not thread safe.
final class ContentSweep {
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final Sink sink;
    private final long beforeTree;
    private final long afterTree;
    private final long inode;
    private final Side before = new Side();
    private final Side after = new Side();
    private long holeFrom;
    private long holeTo;

    /// Takes what differs, in the order of the file.
    interface Sink {
        /// Blocks from `from` to before `to` hold what the item says; `item` begins at block
        /// `start`.
        void put(ItemValue item, long start, long from, long to) throws IOException;

        /// Blocks from `from` to before `to` hold nothing any more.
        void drop(long from, long to) throws IOException;
    }

    /// A content item as far as it is not swept over yet.
    private static final class Side {
        private @Nullable ItemValue item;
        private long start;
        private long at;
        private long end;

        void set(ItemValue value, long block) {
            item = value;
            start = block;
            at = block;
            end = block + ContentItem.blockCount(value.page(), value.position());
        }

        boolean isEmpty() {
            return item == null || at >= end;
        }

        ItemValue item() {
            ItemValue value = item;
            if (value == null) {
                throw new IllegalStateException("nothing is left of the item");
            }
            return value;
        }

        int encoding() {
            return ContentItem.ENCODING.get(item().page(), item().position());
        }

        /// What block `block` of the file is, wherever it is met.
        long contentId(long block) {
            return ContentItem.contentId(item().page(), item().position(), block - start);
        }
    }

    /// Of one file.
    ///
    /// @param beforeTree what the state before is of, for messages; as with `afterTree`
    ContentSweep(Sink sink, long beforeTree, long afterTree, long inode) {
        this.sink = sink;
        this.beforeTree = beforeTree;
        this.afterTree = afterTree;
        this.inode = inode;
    }

    /// Takes the next difference of the file.
    ///
    /// @throws cowfs.error.CorruptException for an item that is none
    void change(long offset, @Nullable ItemValue old, @Nullable ItemValue now) throws IOException {
        long block = offset >>> Blocks.SHIFT;
        advance(block);
        if (old != null) {
            ItemCheck.requireContent(beforeTree, inode, offset, old, before.end);
            before.set(old, block);
        }
        if (now != null) {
            ItemCheck.requireContent(afterTree, inode, offset, now, after.end);
            after.set(now, block);
        }
    }

    /// Ends with the file.
    void finish() throws IOException {
        advance(NO_LIMIT);
        flushHole();
    }

    private void advance(long limit) throws IOException {
        while (true) {
            long from = Math.min(start(before), start(after));
            if (from >= limit) {
                return;
            }
            boolean inBefore = !before.isEmpty() && before.at == from;
            boolean inAfter = !after.isEmpty() && after.at == from;
            long to = Math.min(limit, Math.min(end(before, inBefore), end(after, inAfter)));
            tell(from, to, inBefore, inAfter);
            if (inBefore) {
                before.at = to;
            }
            if (inAfter) {
                after.at = to;
            }
        }
    }

    private static long start(Side side) {
        return side.isEmpty() ? NO_LIMIT : side.at;
    }

    /// Up to where a side stays as it is.
    private static long end(Side side, boolean inside) {
        return side.isEmpty() ? NO_LIMIT : inside ? side.end : side.at;
    }

    private void tell(long from, long to, boolean inBefore, boolean inAfter) throws IOException {
        if (!inAfter) {
            if (holeTo != from) {
                flushHole();
                holeFrom = from;
            }
            holeTo = to;
            return;
        }
        if (!inBefore || !isSame(from)) {
            flushHole();
            sink.put(after.item(), after.start, from, to);
        }
    }

    private boolean isSame(long block) {
        return before.encoding() == after.encoding()
                && (after.encoding() == ContentItem.INLINE
                        ? before.item().hasSameBytes(after.item())
                        : before.contentId(block) == after.contentId(block));
    }

    private void flushHole() throws IOException {
        if (holeFrom < holeTo) {
            sink.drop(holeFrom, holeTo);
        }
        holeFrom = 0;
        holeTo = 0;
    }
}
