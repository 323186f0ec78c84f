package cowfs.alloc;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.CountText;
import cowfs.format.ItemKind;
import cowfs.format.RefcountItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The refcount tree: how many references a block has, for those that have two or more.
///
/// A record covers a range of blocks with one count, as in the reference count B+tree of XFS
/// (`fs/xfs/libxfs/xfs_refcount.c`); a block without a record has one reference (or is free).
/// Neighbouring records of equal count are one, so that sharing a large tree takes few records. A
/// node counts by the blocks of its primary copy.
///
/// The counts are *lazy*, after Rodeh, "B-trees, Shadowing, and Clones" (ACM TOS 3, 2008): a block
/// counts the pointers to it, not the trees that reach it. What lies below a shared node is shared
/// without a count of its own until that node is copied.
///
/// Not thread safe: the commit changes it; others read a committed version of their own.
public final class Refcounts {
    private final BTree tree;
    private long deviceBlocks;

    public Refcounts(BTree tree, long deviceBlocks) {
        this.tree = tree;
        this.deviceBlocks = deviceBlocks;
    }

    /// The tree itself, for the commit.
    public BTree tree() {
        return tree;
    }

    /// Takes note of another size of the image.
    public void resize(long newDeviceBlocks) {
        deviceBlocks = newDeviceBlocks;
    }

    /// Receives the blocks whose last reference went.
    @FunctionalInterface
    public interface FreedListener {
        void freed(long address, int blockCount) throws IOException;
    }

    /// Receives the pieces of a range that have equal counts.
    @FunctionalInterface
    public interface PieceVisitor {
        void piece(long address, long blockCount, int count) throws IOException;
    }

    /// The references of a block: 1 when it has no record.
    public int count(long address) throws IOException {
        Cursor cursor = tree.cursor();
        if (!cursor.seekFloor(address, ItemKind.REFCOUNT.number(), 0)) {
            return 1;
        }
        Counted record = read(cursor);
        return record.end() > address ? record.count : 1;
    }

    /// Splits a range into pieces of equal count, ascending.
    public void forEachPiece(long address, long blockCount, PieceVisitor visitor)
            throws IOException {
        long end = address + blockCount;
        long at = address;
        Cursor cursor = tree.cursor();
        boolean more = cursor.seekFloor(address, ItemKind.REFCOUNT.number(), 0);
        if (!more || read(cursor).end() <= address) {
            more = cursor.seek(address, ItemKind.REFCOUNT.number(), 0);
        }
        while (at < end) {
            Counted record = more ? read(cursor) : null;
            if (record == null || record.address >= end) {
                visitor.piece(at, end - at, 1);
                return;
            }
            if (record.address > at) {
                visitor.piece(at, record.address - at, 1);
                at = record.address;
            }
            long pieceEnd = Math.min(end, record.end());
            visitor.piece(at, pieceEnd - at, record.count);
            at = pieceEnd;
            more = cursor.next();
        }
    }

    /// Adds a reference to each block of a range.
    public void increment(long address, long blockCount) throws IOException {
        adjust(
                address,
                blockCount,
                1,
                (freed, count) -> {
                    throw new IllegalStateException("an increment frees nothing");
                });
    }

    /// Takes a reference from each block of a range; those without any left go to `freed`.
    public void decrement(long address, long blockCount, FreedListener freed) throws IOException {
        adjust(address, blockCount, -1, freed);
    }

    private void adjust(long address, long blockCount, int delta, FreedListener freed)
            throws IOException {
        if (address <= 0 || blockCount <= 0 || address > deviceBlocks - blockCount) {
            throw new CorruptException(
                    "extent",
                    "block=" + address,
                    "its "
                            + CountText.of(blockCount, "block leaves", "blocks leave")
                            + " the image");
        }
        List<Counted> old = touching(address, blockCount);
        Merger merged = new Merger();
        long end = address + blockCount;
        long at = address;
        for (Counted record : old) {
            if (record.address < address) {
                merged.add(record.address, Math.min(address, record.end()), record.count);
            }
            long from = Math.max(address, record.address);
            long to = Math.min(end, record.end());
            if (from < to) {
                apply(at, from, 1, delta, merged, freed);
                apply(from, to, record.count, delta, merged, freed);
                at = to;
            }
            if (record.end() > end) {
                apply(at, end, 1, delta, merged, freed);
                at = end;
                merged.add(Math.max(end, record.address), record.end(), record.count);
            }
        }
        apply(at, end, 1, delta, merged, freed);
        replace(old, merged.records);
    }

    private static void apply(
            long from, long to, int count, int delta, Merger merged, FreedListener freed)
            throws IOException {
        if (from >= to) {
            return;
        }
        int now = Math.addExact(count, delta);
        if (now == 0) {
            for (long at = from; at < to; at += Integer.MAX_VALUE) {
                freed.freed(at, (int) Math.min(to - at, Integer.MAX_VALUE));
            }
        } else {
            merged.add(from, to, now);
        }
    }

    private void replace(List<Counted> old, List<Counted> now) throws IOException {
        for (Counted record : old) {
            if (!now.contains(record)) {
                tree.remove(record.address, ItemKind.REFCOUNT.number(), 0);
            }
        }
        for (Counted record : now) {
            if (!old.contains(record)) {
                tree.put(
                        record.address,
                        ItemKind.REFCOUNT.number(),
                        0,
                        RefcountItem.toBytes(record.blockCount, record.count));
            }
        }
    }

    /// The records that overlap a range or lie right beside it.
    private List<Counted> touching(long address, long blockCount) throws IOException {
        List<Counted> found = new ArrayList<>();
        Cursor cursor = tree.cursor();
        // from below: a record that starts right here would hide the one that ends here
        boolean more = cursor.seekFloor(address - 1, ItemKind.REFCOUNT.number(), 0);
        if (!more || read(cursor).end() < address) {
            more = cursor.seek(address, ItemKind.REFCOUNT.number(), 0);
        }
        while (more) {
            Counted record = read(cursor);
            if (record.address > address + blockCount) {
                break;
            }
            if (!found.isEmpty() && found.getLast().end() > record.address) {
                throw new CorruptException(
                        "refcount", "block=" + record.address, "it overlaps the record before");
            }
            found.add(record);
            more = cursor.next();
        }
        return found;
    }

    private Counted read(Cursor cursor) throws IOException {
        byte[] page = cursor.page();
        int at = cursor.position();
        if (cursor.kind() != ItemKind.REFCOUNT.number() || cursor.offset() != 0) {
            throw new CorruptException(
                    "refcount", "block=" + cursor.inode(), "its key has kind " + cursor.kind());
        }
        RefcountItem.validate(page, at, cursor.lengthBytes(), cursor.inode(), deviceBlocks);
        return new Counted(
                cursor.inode(), RefcountItem.blockCount(page, at), RefcountItem.count(page, at));
    }

    private record Counted(long address, long blockCount, int count) {
        long end() {
            return address + blockCount;
        }
    }

    /// Joins pieces that come in ascending order where they meet with equal counts; a count of 1
    /// has no record.
    private static final class Merger {
        final List<Counted> records = new ArrayList<>();

        void add(long from, long to, int count) {
            if (from >= to || count < 2) {
                return;
            }
            if (!records.isEmpty()) {
                Counted last = records.getLast();
                if (last.end() == from && last.count == count) {
                    records.set(
                            records.size() - 1,
                            new Counted(last.address, to - last.address, count));
                    return;
                }
            }
            records.add(new Counted(from, to - from, count));
        }
    }
}
