package cowfs.inode;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.compress.Compression;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The inodes of one tree: finds their items and checks them. Thread safe; every call that takes a
/// `BTree` belongs into a tree section.
public final class Inodes {
    private final FileTree tree;
    private final Clock clock;

    public Inodes(FileTree tree, Clock clock) {
        this.tree = tree;
        this.clock = clock;
    }

    /// The present, for timestamps.
    public Timestamp now() {
        Instant now = clock.instant();
        return new Timestamp(now.getEpochSecond(), now.getNano());
    }

    public @Nullable Inode lookup(BTree items, long number) throws IOException {
        Cursor c = items.cursor();
        return find(c, items, number) ? Inode.of(number, c.page(), c.position()) : null;
    }

    /// @throws RequestException `NOT_FOUND`
    public Inode get(BTree items, long number) throws IOException {
        Inode inode = lookup(items, number);
        if (inode == null) {
            throw absent(number);
        }
        return inode;
    }

    /// @throws RequestException `NOT_FOUND`, `NOT_A_DIRECTORY`
    public Inode getDirectory(BTree items, long number) throws IOException {
        Inode inode = get(items, number);
        if (!inode.isDirectory()) {
            throw new RequestException(
                    ErrorKind.NOT_A_DIRECTORY,
                    "inode " + number + " of " + tree.name() + " is not a directory");
        }
        return inode;
    }

    /// A directory that still has a name, so that entries can be made in it.
    ///
    /// @throws RequestException `NOT_FOUND`, `NOT_A_DIRECTORY`
    public Inode getLinkedDirectory(BTree items, long number) throws IOException {
        Inode inode = getDirectory(items, number);
        if (inode.linkCount() == 0) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "directory " + number + " of " + tree.name() + " has been removed");
        }
        return inode;
    }

    /// @throws RequestException `NOT_FOUND`, `IS_A_DIRECTORY`, `INVALID`
    public Inode getRegular(BTree items, long number) throws IOException {
        Inode inode = get(items, number);
        requireRegular(number, inode.mode());
        return inode;
    }

    /// @throws RequestException `NOT_FOUND`
    public Attributes getAttributes(BTree items, long number) throws IOException {
        Cursor c = items.cursor();
        if (!find(c, items, number)) {
            throw absent(number);
        }
        return Inode.attributes(number, c.page(), c.position());
    }

    /// The attributes of an inode that may not exist.
    ///
    /// @param c may be near, and is there afterwards
    public @Nullable Attributes lookupAttributes(Cursor c, long number) throws IOException {
        if (!c.seekNear(number, ItemKind.INODE.number(), 0)
                || c.inode() != number
                || c.kind() != ItemKind.INODE.number()
                || c.offset() != 0) {
            return null;
        }
        checkItem(c, number);
        return Inode.attributes(number, c.page(), c.position());
    }

    /// The length of a regular file.
    ///
    /// @throws RequestException `NOT_FOUND`, `IS_A_DIRECTORY`, `INVALID`
    long getFileBytes(BTree items, long number) throws IOException {
        Cursor c = items.cursor();
        if (!find(c, items, number)) {
            throw absent(number);
        }
        requireRegular(number, InodeItem.MODE.get(c.page(), c.position()));
        return InodeItem.SIZE_BYTES.get(c.page(), c.position());
    }

    /// How new content of a file is compressed.
    ///
    /// @throws RequestException `NOT_FOUND`
    Compression compression(BTree items, long number) throws IOException {
        Cursor c = items.cursor();
        if (!find(c, items, number)) {
            throw absent(number);
        }
        Compression own = Inode.compression(c.page(), c.position());
        return own == null ? tree.compression() : own;
    }

    private boolean find(Cursor c, BTree items, long number) throws IOException {
        if (!items.find(c, number, ItemKind.INODE.number(), 0)) {
            return false;
        }
        checkItem(c, number);
        return true;
    }

    private void checkItem(Cursor c, long number) throws CorruptException {
        String damage = InodeItem.check(c.page(), c.position(), c.lengthBytes());
        if (damage != null) {
            throw new CorruptException(
                    "inode item", "tree=" + tree.id() + " inode=" + number, damage);
        }
    }

    private RequestException absent(long number) {
        return new RequestException(
                ErrorKind.NOT_FOUND, "inode " + number + " does not exist in " + tree.name());
    }

    private void requireRegular(long number, int mode) throws RequestException {
        int type = mode & Attributes.TYPE_MASK;
        if (type == Attributes.DIRECTORY) {
            throw new RequestException(
                    ErrorKind.IS_A_DIRECTORY,
                    "inode " + number + " of " + tree.name() + " is a directory");
        }
        if (type != Attributes.REGULAR) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "inode " + number + " of " + tree.name() + " is not a regular file");
        }
    }
}
