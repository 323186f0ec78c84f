package cowfs.dir;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.DirentItem;
import cowfs.format.EntryName;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.txn.Change;
import cowfs.txn.FileTree;
import java.io.IOException;

/// The entries of the directories of one tree.
///
/// An entry lies at the hash of its name; names of equal hash lie one behind the other, told apart
/// by a disambiguator. An entry never moves while it lives, so its place serves as the readdir
/// cookie.
///
/// Thread safe; every call belongs into a tree section.
public final class Dirents {
    private static final int DIRENT = ItemKind.DIRENT.number();

    private final FileTree tree;
    private final NameHash hash;

    public Dirents(FileTree tree, NameHash hash) {
        this.tree = tree;
        this.hash = hash;
    }

    /// Finds a name, or the place where it would go.
    public Entry find(BTree items, long directory, byte[] name) throws IOException {
        long first = hash.offset(name);
        long free = first;
        Cursor c = items.cursor();
        for (boolean more = c.seek(directory, DIRENT, first);
                more && isOf(c, directory) && NameHash.sameHash(c.offset(), first);
                more = c.next()) {
            checkItem(c);
            if (DirentItem.hasName(c.page(), c.position(), name)) {
                return new Entry(
                        c.offset(),
                        DirentItem.CHILD.get(c.page(), c.position()),
                        DirentItem.type(c.page(), c.position()));
            }
            if (c.offset() == free) {
                free++;
            }
        }
        return new Entry(NameHash.sameHash(free, first) ? free : 0, 0, 0);
    }

    /// Finds a name that must exist.
    ///
    /// @throws RequestException `NOT_FOUND`
    public Entry get(BTree items, long directory, byte[] name) throws IOException {
        Entry entry = find(items, directory, name);
        if (!entry.exists()) {
            throw absent(directory, name);
        }
        return entry;
    }

    /// The refusal for a name that does not exist.
    public RequestException absent(long directory, byte[] name) {
        return new RequestException(
                ErrorKind.NOT_FOUND,
                "no " + Names.text(name) + " in directory " + directory + " of " + tree.name());
    }

    /// Finds the place for a name that must not exist.
    ///
    /// @throws RequestException `EXISTS`
    public Entry getFree(BTree items, long directory, byte[] name) throws IOException {
        Entry entry = find(items, directory, name);
        if (entry.exists()) {
            throw new RequestException(
                    ErrorKind.EXISTS,
                    Names.text(name)
                            + " exists already in directory "
                            + directory
                            + " of "
                            + tree.name());
        }
        if (entry.offset() == 0) {
            throw new RequestException(
                    ErrorKind.NO_SPACE, "too many names of equal hash in directory " + directory);
        }
        return entry;
    }

    /// Makes an entry, or another one in the place of an entry of the same name: one item change.
    ///
    /// @param place what {@link #find} said of the name
    /// @param mode of the child; its file type is kept
    public void put(Change change, long directory, Entry place, byte[] name, long child, int mode)
            throws IOException {
        byte[] item = DirentItem.of(child, mode, name);
        change.tree().put(directory, DIRENT, place.offset(), item);
    }

    /// Removes an entry: one item change.
    public void remove(Change change, long directory, Entry place) throws IOException {
        change.tree().remove(directory, DIRENT, place.offset());
    }

    public boolean isEmpty(BTree items, long directory) throws IOException {
        Cursor c = items.cursor();
        return !c.seek(directory, DIRENT, 0) || !isOf(c, directory);
    }

    /// Fills `batch` with entries in the order of their cookies, from the first one above `cookie`
    /// on.
    ///
    /// @return whether there may be more
    public boolean copy(BTree items, long directory, long cookie, DirentBatch batch)
            throws IOException {
        batch.clear();
        Cursor c = items.cursor();
        boolean more = cookie != Long.MAX_VALUE && c.seek(directory, DIRENT, cookie + 1);
        while (more && isOf(c, directory)) {
            checkItem(c);
            if (!batch.add(c)) {
                return true;
            }
            more = c.next();
        }
        return false;
    }

    private static boolean isOf(Cursor c, long directory) {
        return c.inode() == directory && c.kind() == DIRENT;
    }

    private void checkItem(Cursor c) throws CorruptException {
        String damage = DirentItem.check(c.page(), c.position(), c.lengthBytes());
        if (damage == null && Long.compareUnsigned(c.offset(), 1L << 16) < 0) {
            damage = "key lies below 65536, where no hash leads";
        }
        if (damage == null && c.offset() < 0) {
            damage = "key lies above 2^63";
        }
        if (damage == null) {
            String problem =
                    EntryName.check(
                            c.page(),
                            c.position() + DirentItem.LAYOUT.sizeBytes(),
                            DirentItem.NAME_BYTES.get(c.page(), c.position()));
            damage = problem == null ? null : "its name " + problem;
        }
        if (damage != null) {
            throw new CorruptException(
                    "dirent item",
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
