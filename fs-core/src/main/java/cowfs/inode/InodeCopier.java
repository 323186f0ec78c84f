package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.file.Timestamp;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.XattrItem;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/// Copies inodes of a tree that never changes into new inodes of another tree of the pool: owner,
/// mode, flags, times of access and of content, extended attributes, and content, whose blocks both
/// name from then on. Space that is reserved behind the end of a file is not. Nothing is read but
/// nodes.
///
/// An inode is copied in *parts*, most in one. What the tree has of it after each of them is sound:
/// a file is as long as it will be from the first part on, and what has not come yet is a hole.
///
/// A part is read before the change that it goes into, so each change looks whether the source is
/// still there: its deletion marks it first, and gives blocks back only in a later transaction
/// group, whose commit finds them shared by then. See {@link ContentCopier}.
///
/// Thread safe; {@link #putNew} and {@link #putMore} belong into a change of the target.
public final class InodeCopier {
    /// A part has no more items, but for the pieces of one extended attribute.
    public static final int PART_ITEMS = 256;

    private static final int XATTR = ItemKind.XATTR.number();
    private static final int CONTENT = ItemKind.CONTENT.number();

    private final FileTree source;
    private final Inodes sources;
    private final ExtentMap sourceExtents;
    private final Inodes targets;
    private final ExtentMap extents;

    /// @param source which shares its extents with `target`, and does not change
    public InodeCopier(FileTree source, FileTree target, Clock clock) {
        if (!source.readOnly() || !target.canShareWith(source)) {
            throw new IllegalArgumentException(
                    "'" + source.name() + "' can't be copied from: it changes, or goes away");
        }
        this.source = source;
        this.sources = new Inodes(source, clock);
        this.sourceExtents = new ExtentMap(source.id());
        this.targets = new Inodes(target, clock);
        this.extents = new ExtentMap(target.id());
    }

    @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
    private record Item(int kind, long offset, byte[] value) {}

    /// Some of the items of an inode, read from the source.
    ///
    /// @param inode as it is there
    /// @param next where the next part begins, a block of the file or, for the first part of very
    ///   many extended attributes, the place of one; -1 when this is the last
    public record Part(Inode inode, List<Item> items, int sharedCount, int nextKind, long next) {
        public boolean isLast() {
            return next < 0;
        }

        public int itemCount() {
            return items.size();
        }
    }

    /// Reads the first part of an inode.
    ///
    /// @throws IOException `NOT_FOUND`, `CORRUPT`
    public Part first(long number) throws IOException {
        return source.read(items -> part(items, sources.get(items, number), XATTR, 0));
    }

    /// Reads what follows a part that is not the last.
    public Part after(Part part) throws IOException {
        return source.read(items -> part(items, part.inode, part.nextKind, part.next));
    }

    private Part part(BTree items, Inode inode, int kind, long from) throws IOException {
        List<Item> found = new ArrayList<>();
        int shared = 0;
        Cursor c = items.cursor();
        if (kind == XATTR) {
            for (boolean more = c.seek(inode.number(), XATTR, from);
                    more && c.inode() == inode.number() && c.kind() == XATTR;
                    more = c.next()) {
                checkXattr(c);
                if (found.size() >= PART_ITEMS
                        && XattrItem.PIECE.get(c.page(), c.position()) == 0) {
                    return new Part(inode, found, 0, XATTR, c.offset());
                }
                found.add(new Item(XATTR, c.offset(), c.value()));
            }
        }
        if (inode.isDirectory()) {
            return new Part(inode, found, 0, XATTR, -1);
        }
        long block = kind == XATTR ? 0 : from;
        long end = Blocks.fromBytes(inode.sizeBytes());
        for (boolean more = sourceExtents.seek(c, inode.number(), block);
                more && ExtentMap.startBlock(c) < end;
                more = sourceExtents.next(c, inode.number())) {
            long start = ExtentMap.startBlock(c);
            if (found.size() >= PART_ITEMS) {
                return new Part(inode, found, shared, CONTENT, start);
            }
            shared += ContentItem.namesBlocks(c.page(), c.position()) ? 1 : 0;
            found.add(new Item(CONTENT, start, ExtentMap.cut(c, start, end)));
        }
        return new Part(inode, found, shared, CONTENT, -1);
    }

    private void checkXattr(Cursor c) throws CorruptException {
        String damage = XattrItem.check(c.page(), c.position(), c.lengthBytes());
        if (damage != null) {
            throw new CorruptException(
                    "xattr item", "tree=" + source.id() + " inode=" + c.inode(), damage);
        }
    }

    /// Makes the copy of an inode, with its first part.
    ///
    /// @param linkCount of which there will be names, or 2 for a directory, which begins empty
    /// @param now when it is born
    public void putNew(Change change, Part first, long number, int linkCount, Timestamp now)
            throws IOException {
        Inode copy = first.inode.copy(number, change.txg(), now);
        copy.setLinkCount(linkCount);
        if (copy.isDirectory()) {
            copy.setSizeBytes(0);
        }
        put(change, first, copy);
        copy.putNew(change);
    }

    /// Adds a further part to the copy of an inode.
    public void putMore(Change change, Part part, long number) throws IOException {
        Inode copy = targets.get(change.tree(), number);
        put(change, part, copy);
        copy.put(change);
    }

    private void put(Change change, Part part, Inode copy) throws IOException {
        source.read(items -> true); // refused once it is being deleted
        for (Item item : part.items) {
            if (item.kind == CONTENT) {
                copy.addSectors(
                        extents.insertShared(change, copy.number(), item.offset, item.value));
            } else {
                change.tree().put(copy.number(), item.kind, item.offset, item.value);
            }
        }
    }
}
