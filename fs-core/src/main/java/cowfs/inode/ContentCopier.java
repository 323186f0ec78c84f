package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.AttributeChange;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.format.Blocks;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import cowfs.txn.TreeRead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Copies ranges of files by sharing their extents. The caller holds the target's mutex.
///
/// ```
///      source        | a a a a | b b b b | (hole)  | c c c c | d d (end)
///      target        | x x X X | .       | .       | .       | D D (end)
///                        \ copied bytes    \ items that name the same blocks, or none
///                                            \ the tail too, when both files end in it
/// ```
///
/// A shared block counts one reference more, by a note in the log of the open transaction group
/// (`docs/decisions/0003-counting-at-commit.md`). What makes that right:
///
/// - The source's items are read *inside* the change that names their blocks again, so they are
///   what the file holds now, committed or not. A file of the same tree can't change meanwhile: the
///   change has the tree for itself. A snapshot never changes, and it is still there: its deletion
///   marks the tree first and gives blocks back only in a later transaction group, whose commit
///   replays our note before.
/// - Nothing is written in place. Sharing unwritten blocks is as good as sharing written ones.
/// - The last block of the source may be shared only when what follows its end is zero, which holds
///   for a file's last block, and when the target ends there too.
///
/// One change names at most {@link #STEP_ITEMS} items and drops as many, and copies the bytes of
/// two blocks at the edges. A range of more is several changes, from its beginning on. Where the
/// two ranges lie differently in their blocks everything is copied, 1 MiB a change; what is a hole
/// in the source for that long becomes one.
final class ContentCopier {
    /// The most items that one change shares, and the most that it replaces.
    static final int STEP_ITEMS = 64;

    /// What is copied as bytes at a time.
    static final int CHUNK_BYTES = 1 << 20;

    private static final int MASK = Blocks.SIZE - 1;
    private static final int KEEP_BEHIND = -1;

    private final FileTree tree;
    private final Inodes inodes;
    private final ExtentMap extents;
    private final ContentWriter writer;
    private final ContentCutter cutter;
    private final RangeClearer clearer;
    private final Privileges privileges;

    ContentCopier(
            FileTree tree,
            Inodes inodes,
            ExtentMap extents,
            ContentWriter writer,
            ContentCutter cutter,
            RangeClearer clearer,
            Privileges privileges) {
        this.tree = tree;
        this.inodes = inodes;
        this.extents = extents;
        this.writer = writer;
        this.cutter = cutter;
        this.clearer = clearer;
        this.privileges = privileges;
    }

    /// A regular file to copy from: of this tree, or of one that never changes.
    record Source(
            FileTree tree, Inodes inodes, ExtentMap extents, ContentReader reader, long number) {
        long sizeBytes() throws IOException {
            return tree.read(items -> inodes.getFileBytes(items, number));
        }

        /// Reads within a change of `changing`, which may be the same tree.
        <T> T read(FileTree changing, Change change, TreeRead<T> body) throws IOException {
            return tree == changing ? body.run(change.tree()) : tree.read(body);
        }

        /// Copies bytes; behind the end of the file they are zero.
        ByteBuffer bytes(long from, int count) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(count);
            reader.read(number, from, bytes);
            return bytes.clear();
        }
    }

    /// Copies up to the end of the source.
    ///
    /// @return how many bytes; fewer than there are only for lack of space
    long copy(Source source, long from, long number, long offset, long lengthBytes, SetIdBits bits)
            throws IOException {
        tree.read(items -> inodes.getFileBytes(items, number));
        long sourceBytes = source.sizeBytes();
        if (from < 0 || offset < 0 || lengthBytes < 0) {
            throw new RequestException(
                    ErrorKind.INVALID, "offsets and length must not be negative");
        }
        long count = Math.min(lengthBytes, sourceBytes - from);
        if (count <= 0) {
            return 0;
        }
        ContentWriter.requireRange(offset, count);
        if (source.tree == tree
                && source.number == number
                && from < offset + count
                && offset < from + count) {
            throw new RequestException(
                    ErrorKind.INVALID, "a range can't be copied over a part of itself");
        }
        long done = 0;
        while (done < count) {
            try {
                done +=
                        copySome(
                                source,
                                from + done,
                                number,
                                offset + done,
                                count - done,
                                KEEP_BEHIND,
                                bits);
            } catch (RequestException refusal) {
                if (refusal.kind() != ErrorKind.NO_SPACE || done == 0) {
                    throw refusal;
                }
                return done;
            }
        }
        return done;
    }

    /// Gives the target the length and the content of the source. What it held behind that goes
    /// with the last change, or, when it is very much, in steps before.
    ///
    /// @throws RequestException `NO_SPACE`, when it could not be cloned to the end
    void copyWhole(Source source, long number, SetIdBits bits) throws IOException {
        long sizeBytes = source.sizeBytes();
        int behind =
                cutter.dropExcess(number, Blocks.fromBytes(sizeBytes), ExtentMap.END, true, bits);
        long done = 0;
        while (done < sizeBytes) {
            done += copySome(source, done, number, done, sizeBytes - done, behind, bits);
        }
        if (sizeBytes == 0 || sizeBytes != tree.read(items -> inodes.getFileBytes(items, number))) {
            cutter.resize(number, sizeBytes, AttributeChange.ofSize(sizeBytes).with(bits));
        }
    }

    /// One change.
    ///
    /// @param behind items of the target behind the range that the last change drops, with the
    ///   length that they stand for; -1 to keep them
    /// @return how many bytes it copied; 0 when the source was changed under it
    private long copySome(
            Source source, long from, long number, long to, long left, int behind, SetIdBits bits)
            throws IOException {
        long end = to + left;
        boolean wholeTail =
                (end & MASK) != 0
                        && from + left >= source.sizeBytes()
                        && (behind >= 0
                                || end >= tree.read(items -> inodes.getFileBytes(items, number)));
        long first = Blocks.fromBytes(to);
        long last = wholeTail ? Blocks.fromBytes(end) : end >>> Blocks.SHIFT;
        if (((from ^ to) & MASK) != 0 || first >= last) {
            return copyBytes(source, from, number, to, left, bits);
        }
        return new Step(source, from, number, to, left, wholeTail, first, last, behind).run(bits);
    }

    private long copyBytes(
            Source source, long from, long number, long to, long left, SetIdBits bits)
            throws IOException {
        int count = (int) Math.min(left, CHUNK_BYTES);
        long end = Blocks.fromBytes(from + left);
        long data =
                source.tree.read(
                        items ->
                                source.extents.nextData(
                                        items, source.number, from >>> Blocks.SHIFT, end));
        if (Blocks.toBytes(data) >= from + count) {
            long hole = Math.min(left, Blocks.toBytes(data) - from);
            clearer.punch(number, to, to + hole, true, bits);
            return hole;
        }
        writer.write(number, to, source.bytes(from, count), bits);
        return count;
    }

    /// One change that shares extents, and copies what does not fill a block at the range's ends.
    private final class Step {
        private final Source source;
        private final long from;
        private final long number;
        private final long to;
        private final long end;
        private final boolean wholeTail;
        private final long first;
        private final long last;
        private final int behind;

        /// From a block of the target to the block of the source that goes there.
        private final long shift;

        /// The target's blocks from `first` to before `last` are shared; with `wholeTail` the last
        /// of them is one that the range does not fill.
        Step(
                Source source,
                long from,
                long number,
                long to,
                long left,
                boolean wholeTail,
                long first,
                long last,
                int behind) {
            this.source = source;
            this.from = from;
            this.number = number;
            this.to = to;
            this.end = to + left;
            this.wholeTail = wholeTail;
            this.first = first;
            this.last = last;
            this.behind = behind;
            this.shift = (from >>> Blocks.SHIFT) - (to >>> Blocks.SHIFT);
        }

        long run(SetIdBits bits) throws IOException {
            long fit =
                    tree.read(items -> extents.endOfFirst(items, number, first, last, STEP_ITEMS));
            long stop = source.tree.read(items -> collect(items, fit).stop);
            int head = (int) (Blocks.toBytes(first) - to);
            int tail = stop == last && !wholeTail ? (int) (end & MASK) : 0;
            int shared = source.tree.read(items -> collect(items, stop).items.size());
            int dropped =
                    tree.read(items -> extents.count(items, number, first, stop, STEP_ITEMS + 1));
            try (ContentSwap headSwap = new ContentSwap(tree.data(), extents, number);
                    ContentSwap tailSwap = new ContentSwap(tree.data(), extents, number)) {
                if (head > 0) {
                    ByteBuffer bytes = source.bytes(from, head);
                    dropped += writer.prepare(headSwap, number, to, bytes, Blocks.toBytes(stop));
                }
                if (tail > 0) {
                    ByteBuffer bytes = source.bytes(from + (end - to) - tail, tail);
                    dropped += writer.prepare(tailSwap, number, end - tail, bytes, end);
                }
                Timestamp now = inodes.now();
                return tree.changeSharing(
                        headSwap.itemCount(0)
                                + tailSwap.itemCount(0)
                                + dropped
                                + Math.max(0, behind)
                                + shared,
                        shared,
                        change -> apply(change, stop, headSwap, tail, tailSwap, now, bits));
            }
        }

        private long apply(
                Change change,
                long stop,
                ContentSwap headSwap,
                int tail,
                ContentSwap tailSwap,
                Timestamp now,
                SetIdBits bits)
                throws IOException {
            Inode inode = inodes.getRegular(change.tree(), number);
            long sourceBytes =
                    source.read(
                            tree,
                            change,
                            items -> source.inodes.getFileBytes(items, source.number));
            boolean grown = wholeTail && sourceBytes > from + (end - to);
            long limit = grown && stop == last ? stop - 1 : stop;
            Collected found = source.read(tree, change, items -> collect(items, limit));
            long reached = found.stop;
            if (Blocks.toBytes(first) == to && reached == first) {
                return 0;
            }
            if (Blocks.toBytes(first) > to) {
                headSwap.apply(change, inode);
            }
            inode.addSectors(-extents.drop(change, number, first, reached));
            for (Piece piece : found.items) {
                inode.addSectors(extents.insertShared(change, number, piece.block, piece.item));
            }
            boolean whole = reached == last;
            if (tail > 0 && whole) {
                tailSwap.apply(change, inode);
            }
            long copiedTo = whole ? end : Blocks.toBytes(reached);
            privileges.drop(change, inode, bits);
            if (whole && behind >= 0) {
                long rest = Blocks.fromBytes(end);
                inode.addSectors(-extents.drop(change, number, rest, ExtentMap.END));
                inode.setSizeBytes(end);
            } else {
                inode.setSizeBytes(Math.max(inode.sizeBytes(), copiedTo));
            }
            inode.contentChanged(now);
            inode.put(change);
            return copiedTo - to;
        }

        /// The first items of the source for the target's blocks from `first` to before `stop`.
        private Collected collect(BTree items, long stop) throws IOException {
            List<Piece> pieces = new ArrayList<>();
            Cursor c = items.cursor();
            for (boolean more = source.extents.seek(c, source.number, first + shift);
                    more && ExtentMap.startBlock(c) < stop + shift;
                    more = source.extents.next(c, source.number)) {
                long start = Math.max(ExtentMap.startBlock(c), first + shift);
                if (pieces.size() == STEP_ITEMS) {
                    return new Collected(pieces, start - shift);
                }
                byte[] item = ExtentMap.cut(c, start, stop + shift);
                pieces.add(new Piece(start - shift, item));
            }
            return new Collected(pieces, stop);
        }
    }

    /// @param items in ascending order
    /// @param stop up to which block of the target they are all there are
    private record Collected(List<Piece> items, long stop) {}

    /// An item for a block of the target.
    @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
    private record Piece(long block, byte[] item) {}
}
