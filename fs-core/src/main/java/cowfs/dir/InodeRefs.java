package cowfs.dir;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.util.Arrays;

/// The inode refs of one tree: for each name of each inode the way back to the directory that holds
/// it. The root directory has none and is its own parent.
///
/// Thread safe; every call belongs into a tree section.
public final class InodeRefs {
    private static final int INODE_REF = ItemKind.INODE_REF.number();

    private final FileTree tree;
    private final NameHash hash;

    public InodeRefs(FileTree tree, NameHash hash) {
        this.tree = tree;
        this.hash = hash;
    }

    /// Where the ref of an existing name lies: what {@link #remove} wants.
    ///
    /// @throws CorruptException when there is none
    public long get(BTree items, long inode, long parent, byte[] name) throws IOException {
        long offset = lookup(items, inode, parent, name);
        if (offset == 0) {
            throw new CorruptException(
                    "inode",
                    "tree=" + tree.id() + " inode=" + inode,
                    "it has no ref for name " + Names.text(name) + " in directory " + parent);
        }
        return offset;
    }

    /// Where the ref of a name lies; 0 when there is none.
    public long lookup(BTree items, long inode, long parent, byte[] name) throws IOException {
        long first = hash.offset(parent, name);
        Cursor c = items.cursor();
        for (boolean more = c.seek(inode, INODE_REF, first);
                more && isOf(c, inode) && NameHash.sameHash(c.offset(), first);
                more = c.next()) {
            checkItem(c);
            if (InodeRefItem.isFor(c.page(), c.position(), parent, name)) {
                return c.offset();
            }
        }
        return 0;
    }

    /// Where the first ref of a new inode goes.
    public long first(long parent, byte[] name) {
        return hash.offset(parent, name);
    }

    /// Where the ref of a new name can go: what {@link #put} wants.
    public long getFree(BTree items, long inode, long parent, byte[] name) throws IOException {
        long first = hash.offset(parent, name);
        long free = first;
        Cursor c = items.cursor();
        for (boolean more = c.seek(inode, INODE_REF, first);
                more && isOf(c, inode) && c.offset() == free;
                more = c.next()) {
            free++;
        }
        if (!NameHash.sameHash(free, first)) {
            throw new RequestException(
                    ErrorKind.NO_SPACE, "too many names of equal hash for inode " + inode);
        }
        return free;
    }

    /// Makes a ref: one item change.
    public void put(Change change, long inode, long offset, long parent, byte[] name)
            throws IOException {
        change.tree().put(inode, INODE_REF, offset, InodeRefItem.of(parent, name));
    }

    /// Removes a ref: one item change.
    public void remove(Change change, long inode, long offset) throws IOException {
        change.tree().remove(inode, INODE_REF, offset);
    }

    /// The directory that holds a directory.
    ///
    /// @throws RequestException `NOT_FOUND` when it has been removed
    public long getParent(BTree items, long directory) throws IOException {
        if (directory == Volume.ROOT_INODE) {
            return directory;
        }
        Cursor c = items.cursor();
        if (!c.seek(directory, INODE_REF, 0) || !isOf(c, directory)) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "directory " + directory + " of " + tree.name() + " has been removed");
        }
        checkItem(c);
        return InodeRefItem.PARENT.get(c.page(), c.position());
    }

    /// The directory in which an inode has some name; 0 when there is none.
    public long lookupParent(BTree items, long inode, byte[] name) throws IOException {
        Cursor c = items.cursor();
        for (boolean more = c.seek(inode, INODE_REF, 0); more && isOf(c, inode); more = c.next()) {
            checkItem(c);
            if (Arrays.equals(InodeRefItem.name(c.page(), c.position()), name)) {
                return InodeRefItem.PARENT.get(c.page(), c.position());
            }
        }
        return 0;
    }

    /// Requires that a name is the one that its directory has: with one way back for each
    /// directory, no walk from the root downwards comes to the same one twice.
    ///
    /// @throws CorruptException when the directory's ref names another place
    public void requireName(BTree items, long directory, long parent, byte[] name)
            throws IOException {
        Cursor c = items.cursor();
        boolean there = c.seek(directory, INODE_REF, 0) && isOf(c, directory);
        if (there) {
            checkItem(c);
        }
        if (directory == Volume.ROOT_INODE
                || !there
                || !InodeRefItem.isFor(c.page(), c.position(), parent, name)) {
            throw new CorruptException(
                    "dirent item",
                    "tree=" + tree.id() + " inode=" + parent,
                    "its name "
                            + Names.text(name)
                            + " leads to directory "
                            + directory
                            + ", which has another place");
        }
    }

    /// Whether a directory is `ancestor` or lies below it.
    public boolean isBelow(BTree items, long directory, long ancestor) throws IOException {
        long at = directory;
        long slow = directory;
        for (long steps = 0; at != ancestor; steps++) {
            if (at == Volume.ROOT_INODE) {
                return false;
            }
            at = getParent(items, at);
            // The second walker goes half as fast: they meet only in a circle.
            slow = (steps & 1) == 0 ? slow : getParent(items, slow);
            if (at == slow && at != Volume.ROOT_INODE && at != ancestor) {
                throw new CorruptException(
                        "inode",
                        "tree=" + tree.id() + " inode=" + at,
                        "directory lies below itself");
            }
        }
        return true;
    }

    private static boolean isOf(Cursor c, long inode) {
        return c.inode() == inode && c.kind() == INODE_REF;
    }

    private void checkItem(Cursor c) throws CorruptException {
        String damage = InodeRefItem.check(c.page(), c.position(), c.lengthBytes());
        if (damage != null) {
            throw new CorruptException(
                    "inode ref item",
                    "tree="
                            + tree.id()
                            + " inode="
                            + c.inode()
                            + " offset="
                            + Long.toUnsignedString(c.offset()),
                    damage);
        }
    }
}
