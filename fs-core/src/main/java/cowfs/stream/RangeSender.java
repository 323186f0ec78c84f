package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.file.Attributes;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes a snapshot for a receiver that has an earlier state of the same subvolume which is no
/// longer here: of each range of keys that may differ ({@link YoungRanges}) all that there is, so
/// that the receiver can tell what is gone. In key order.
///
/// ```
///   range of keys                      records
///   whole inodes, some not there       REMOVE_INODES of the gaps
///   attributes of an inode             INODE
///   a part of its names                CLEAR_REFS, then all REFs
///   a part of its xattrs               CLEAR_XATTRS, then all XATTRs
///   a part of its entries              CLEAR_DIRENTS with the ranges, then the DIRENTs in them
///   a part of its content              DATA, INLINE, UNWRITTEN, CLONE, and HOLE for the rest
/// ```
///
/// The number of an inode is never used twice, so one that is there now and was named by then is
/// the same one. One that got its first name later is sent whole, whatever ranges its items are in:
/// the receiver has nothing of it. Inodes without a name are not there.
///
/// A stream that goes on from a position is the same one without the records before it. Not thread
/// safe.
final class RangeSender {
    private static final int INODE = ItemKind.INODE.number();
    private static final int INODE_REF = ItemKind.INODE_REF.number();
    private static final int XATTR = ItemKind.XATTR.number();
    private static final int DIRENT = ItemKind.DIRENT.number();
    private static final int CONTENT = ItemKind.CONTENT.number();

    /// Stands behind all inodes.
    private static final long NO_INODE = YoungRanges.END.inode();

    /// Past the last block of the longest file.
    private static final long END_BLOCK = RecordCheck.MAX_FILE_BLOCKS;

    private final BTree after;
    private final YoungRanges ranges;
    private final ContentSender contents;
    private final RecordWriter out;
    private final Position from;
    private final long txg;
    private final long nextInode;

    private long inode;
    private byte @Nullable [] item;
    private boolean sentWhole;
    private boolean refsSent;
    private boolean xattrsSent;

    /// The ranges of entries that were not sent yet: pairs of first and last.
    private final List<Long> entries = new ArrayList<>();

    /// @param after the snapshot's tree
    /// @param txg of the state that the receiver has
    /// @param nextInode the lowest inode number that that had not used
    /// @param from the first position that is sent
    RangeSender(
            BTree after,
            YoungRanges ranges,
            ContentSender contents,
            RecordWriter out,
            long txg,
            long nextInode,
            Position from) {
        this.after = after;
        this.ranges = ranges;
        this.contents = contents;
        this.out = out;
        this.txg = txg;
        this.nextInode = nextInode;
        this.from = from;
    }

    void run() throws IOException {
        while (ranges.next()) {
            range(ranges.start(), ranges.end());
        }
        flushEntries();
    }

    private void range(Position start, Position end) throws IOException {
        long gone = 0; // the first number of a run of inodes that are not there
        long goneEnd = 0;
        Position at = start.inode() == 0 ? new Position(1, 0, 0) : start;
        while (at.compareTo(end) < 0 && at.inode() != NO_INODE) {
            Position attributes = new Position(at.inode(), INODE, 0);
            boolean told = at.compareTo(attributes) <= 0 && attributes.compareTo(end) < 0;
            enter(at.inode());
            Position stop = new Position(at.inode() + 1, 0, 0);
            if (told && !isNamed()) {
                gone = gone == 0 ? at.inode() : gone;
                goneEnd = nextInode(at.inode() + 1, end);
                at = new Position(goneEnd, 0, 0);
                continue;
            }
            remove(gone, goneEnd);
            gone = 0;
            if (isNamed()) {
                part(at, stop.compareTo(end) < 0 ? stop : end, told);
            }
            at = stop;
        }
        remove(gone, goneEnd);
    }

    /// The next inode that is there, or the one in which a range ends.
    private long nextInode(long number, Position end) throws IOException {
        if (Long.compareUnsigned(number, end.inode()) >= 0) {
            return number;
        }
        Cursor c = after.cursor();
        boolean nearer = c.seek(number, 0, 0) && Long.compareUnsigned(c.inode(), end.inode()) < 0;
        return nearer ? c.inode() : end.inode();
    }

    private void enter(long number) throws IOException {
        if (number != inode) {
            flushEntries();
            inode = number;
            item = ReceivedInode.lookupItem(after, number);
            if (item != null) {
                ItemCheck.require(
                        "inode item",
                        InodeItem.check(item, 0, item.length),
                        after.owner(),
                        number,
                        0);
                contents.begin(number, type() == Attributes.SYMLINK);
            }
            sentWhole = false;
            refsSent = false;
            xattrsSent = false;
        }
    }

    private boolean isNamed() {
        return item != null && InodeItem.LINK_COUNT.get(item, 0) > 0;
    }

    private int type() {
        return item == null ? 0 : InodeItem.MODE.get(item, 0) & Attributes.TYPE_MASK;
    }

    /// Says that inodes are not there, as far as the receiver can have them.
    private void remove(long first, long end) throws IOException {
        long stop = Long.compareUnsigned(end, nextInode) < 0 ? end : nextInode;
        if (first != 0 && Long.compareUnsigned(first, stop) < 0) {
            write(RecordKind.REMOVE_INODES, first, 0, RemovedRecord.of(stop - first));
        }
    }

    /// Tells a range of an inode that is there.
    ///
    /// @param told whether its attributes are in the range
    private void part(Position start, Position end, boolean told) throws IOException {
        byte[] attributes = item;
        if (sentWhole || attributes == null) {
            return;
        }
        if (told) {
            write(RecordKind.INODE, inode, 0, InodeRecord.of(attributes, 0));
        }
        if (Long.compareUnsigned(InodeItem.GENERATION.get(attributes, 0), txg) > 0) {
            sentWhole = true;
            if (!told) {
                throw new CorruptException(
                        "inode item",
                        ItemCheck.where(after.owner(), inode, 0),
                        "it is younger than the node that holds it");
            }
            sendWhole();
            return;
        }
        if (overlaps(INODE_REF, start, end) && !refsSent) {
            refsSent = true;
            write(RecordKind.CLEAR_REFS, inode, 0, new byte[0]);
            sendNames(INODE_REF, 0, -1);
        }
        if (overlaps(XATTR, start, end) && !xattrsSent) {
            xattrsSent = true;
            write(RecordKind.CLEAR_XATTRS, inode, 0, new byte[0]);
            sendXattrs();
        }
        if (type() == Attributes.DIRECTORY && overlaps(DIRENT, start, end)) {
            addEntries(low(DIRENT, start), high(DIRENT, end));
        }
        if (type() == Attributes.REGULAR && overlaps(CONTENT, start, end)) {
            sendContent(
                    low(CONTENT, start), end.compareTo(behind(CONTENT)) < 0 ? end.offset() : -1);
        }
    }

    private Position behind(int kind) {
        return new Position(inode, kind + 1, 0);
    }

    private boolean overlaps(int kind, Position start, Position end) {
        return start.compareTo(behind(kind)) < 0 && end.compareTo(new Position(inode, kind, 0)) > 0;
    }

    /// The lowest offset of a kind that a range holds.
    private long low(int kind, Position start) {
        return start.compareTo(new Position(inode, kind, 0)) > 0 ? start.offset() : 0;
    }

    /// The highest offset of a kind of names that a range holds.
    private long high(int kind, Position end) {
        return end.compareTo(behind(kind)) < 0 ? end.offset() - 1 : Long.MAX_VALUE;
    }

    private void sendWhole() throws IOException {
        sendNames(INODE_REF, 0, -1);
        sendXattrs();
        if (type() == Attributes.DIRECTORY) {
            sendNames(DIRENT, 0, -1);
        } else {
            putContent(0, -1);
        }
    }

    private void sendXattrs() throws IOException {
        XattrReader.read(
                after,
                inode,
                (offset, name, value) ->
                        write(RecordKind.XATTR, inode, offset, XattrRecord.of(name, value)));
    }

    /// Writes the names of a kind in a range of offsets, the last one included.
    private void sendNames(int kind, long first, long last) throws IOException {
        Cursor c = after.cursor();
        for (boolean more = c.seek(inode, kind, first);
                more
                        && c.inode() == inode
                        && c.kind() == kind
                        && Long.compareUnsigned(c.offset(), last) <= 0;
                more = c.next()) {
            byte[] page = c.page();
            int at = c.position();
            boolean entry = kind == DIRENT;
            ItemCheck.require(
                    entry ? "dirent item" : "inode ref item",
                    entry
                            ? DirentItem.check(page, at, c.lengthBytes())
                            : InodeRefItem.check(page, at, c.lengthBytes()),
                    after.owner(),
                    inode,
                    c.offset());
            write(
                    entry ? RecordKind.DIRENT : RecordKind.REF,
                    inode,
                    c.offset(),
                    entry ? NameRecord.ofDirent(page, at) : NameRecord.ofRef(page, at));
        }
    }

    // ---- entries

    /// Notes a range of entries. It is widened to whole groups of equal hashes, as the receiver
    /// can't know how the sender tells those apart.
    private void addEntries(long low, long high) throws IOException {
        long first = NameRanges.groupOf(low);
        long last = NameRanges.groupOf(high);
        int count = entries.size();
        if (count > 0 && entries.get(count - 1) >= first) {
            entries.set(count - 1, Math.max(last, entries.get(count - 1)));
            return;
        }
        if (count == 2 * NameRanges.MAX_COUNT) {
            flushEntries();
        }
        entries.add(first);
        entries.add(last);
    }

    private void flushEntries() throws IOException {
        if (entries.isEmpty()) {
            return;
        }
        write(RecordKind.CLEAR_DIRENTS, inode, entries.getFirst(), NameRanges.of(entries));
        for (int i = 0; i < entries.size(); i += 2) {
            sendNames(DIRENT, entries.get(i), entries.get(i + 1) | NameHash.MAX_DISAMBIGUATOR);
        }
        entries.clear();
    }

    // ---- content

    /// Tells what a range of a file holds, holes too.
    ///
    /// @param low lowest offset of a key in the range
    /// @param end lowest one behind it; -1 for all that is left
    private void sendContent(long low, long end) throws IOException {
        long at = 0;
        Cursor c = after.cursor();
        boolean before = low > 0 && c.seekFloor(inode, CONTENT, low - 1);
        if (before && c.inode() == inode && c.kind() == CONTENT) {
            requireContent(c, 0);
            at = (c.offset() >>> Blocks.SHIFT) + ContentItem.blockCount(c.page(), c.position());
        }
        long stop = end == -1 ? END_BLOCK : end >>> Blocks.SHIFT;
        long reached = putContent(at, stop);
        if (reached < stop) {
            contents.drop(reached, stop);
        }
    }

    /// Writes the items of a range of blocks and, where the receiver may have something, the holes
    /// between them.
    ///
    /// @param end -1 for a file of which the receiver has nothing
    /// @return up to where there are items
    private long putContent(long start, long end) throws IOException {
        long at = start;
        Cursor c = after.cursor();
        for (boolean more = c.seek(inode, CONTENT, Blocks.toBytes(start));
                more
                        && c.inode() == inode
                        && c.kind() == CONTENT
                        && (end == -1 || c.offset() >>> Blocks.SHIFT < end);
                more = c.next()) {
            requireContent(c, at);
            long first = c.offset() >>> Blocks.SHIFT;
            if (end != -1 && at < first) {
                contents.drop(at, first);
            }
            at = first + ContentItem.blockCount(c.page(), c.position());
            contents.put(new ItemValue(c.page(), c.position(), c.lengthBytes()), first, first, at);
        }
        return at;
    }

    private void requireContent(Cursor c, long from) throws IOException {
        ItemCheck.requireContent(
                after.owner(),
                inode,
                c.offset(),
                new ItemValue(c.page(), c.position(), c.lengthBytes()),
                from);
    }

    private void write(RecordKind kind, long number, long offset, byte[] body) throws IOException {
        boolean head = kind == RecordKind.INODE && number == from.inode();
        Position here = new Position(number, kind.itemKind(), offset);
        if (head || here.compareTo(from) >= 0) {
            out.write(kind, number, offset, body);
        }
    }
}
