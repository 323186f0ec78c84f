package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.file.Attributes;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import cowfs.format.DirentItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import cowfs.inode.Inode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Paths in one tree that does not change: from a path to an inode by dirents, and back by inode
/// refs.
///
/// The paths of the {@link #KEPT_DIRECTORIES} directories that were asked for last are kept, so
/// that the neighbours of a file cost one look. Not thread safe.
final class TreePaths {
    static final int KEPT_DIRECTORIES = 4096;

    /// A path that is longer, or goes in a circle, is damage: 4096 names of 255 bytes.
    private static final int MAX_PATH_BYTES = 1 << 20;

    /// Longer ones are not kept.
    private static final int MAX_KEPT_BYTES = 4096;

    private static final int INODE_REF = ItemKind.INODE_REF.number();

    private final BTree tree;
    private final NameHash hash;
    private final Map<Long, FilePath> directories =
            new LinkedHashMap<>(64, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, FilePath> eldest) {
                    return size() > KEPT_DIRECTORIES;
                }
            };

    TreePaths(BTree tree, NameHash hash) {
        this.tree = tree;
        this.hash = hash;
    }

    /// The path of a name that an inode ref holds.
    FilePath ofRef(ItemValue ref) throws IOException {
        return ofRef(ref.page(), ref.position(), ref.lengthBytes());
    }

    /// The path of the name that a cursor is at.
    FilePath ofRef(Cursor ref) throws IOException {
        return ofRef(ref.page(), ref.position(), ref.lengthBytes());
    }

    private FilePath ofRef(byte[] page, int position, int lengthBytes) throws IOException {
        check(InodeRefItem.check(page, position, lengthBytes), "inode ref item", 0);
        return ofDirectory(InodeRefItem.PARENT.get(page, position))
                .resolve(InodeRefItem.name(page, position));
    }

    /// A path of an inode that is at or below another one; null when it has none.
    @Nullable FilePath lookup(long inode, FilePath under) throws IOException {
        if (inode == Volume.ROOT_INODE) {
            return under.isRoot() ? FilePath.ROOT : null;
        }
        Cursor ref = cursor();
        for (boolean more = firstRef(ref, inode); more; more = nextRef(ref)) {
            FilePath path = ofRef(ref);
            if (path.isWithin(under)) {
                return path;
            }
        }
        return null;
    }

    Cursor cursor() {
        return tree.cursor();
    }

    /// Goes to the first name of an inode; false when it has none.
    boolean firstRef(Cursor cursor, long inode) throws IOException {
        return cursor.seek(inode, INODE_REF, 0)
                && cursor.inode() == inode
                && cursor.kind() == INODE_REF;
    }

    /// Goes to the next name of the same inode; false when there is none.
    boolean nextRef(Cursor cursor) throws IOException {
        long inode = cursor.inode();
        return cursor.next() && cursor.inode() == inode && cursor.kind() == INODE_REF;
    }

    private FilePath ofDirectory(long directory) throws IOException {
        Deque<Long> inodes = new ArrayDeque<>();
        Deque<byte[]> names = new ArrayDeque<>();
        Cursor ref = tree.cursor();
        long at = directory;
        int bytes = 0;
        FilePath known = null;
        while (known == null) {
            if (at == Volume.ROOT_INODE) {
                known = FilePath.ROOT;
            } else {
                known = directories.get(at);
            }
            if (known == null) {
                if (!firstRef(ref, at)) {
                    throw damage("inode", at, "a directory with entries has no name");
                }
                check(
                        InodeRefItem.check(ref.page(), ref.position(), ref.lengthBytes()),
                        "inode ref item",
                        at);
                byte[] name = InodeRefItem.name(ref.page(), ref.position());
                inodes.push(at);
                names.push(name);
                bytes += 1 + name.length;
                if (bytes > MAX_PATH_BYTES) {
                    throw damage("inode", at, "its path is longer than 1 MiB or goes in a circle");
                }
                at = InodeRefItem.PARENT.get(ref.page(), ref.position());
            }
        }
        while (!names.isEmpty()) {
            known = known.resolve(names.pop());
            long inode = inodes.pop();
            if (known.lengthBytes() <= MAX_KEPT_BYTES) {
                directories.put(inode, known);
            }
        }
        return known;
    }

    /// The inode that a path leads to; 0 when there is none.
    long find(FilePath path) throws IOException {
        long at = Volume.ROOT_INODE;
        byte[] bytes = path.toBytes();
        int from = 1;
        for (int i = 1; i <= bytes.length && at != 0 && !path.isRoot(); i++) {
            if (i == bytes.length || bytes[i] == '/') {
                at = child(at, Arrays.copyOfRange(bytes, from, i));
                from = i + 1;
            }
        }
        return at;
    }

    private long child(long directory, byte[] name) throws IOException {
        int dirent = ItemKind.DIRENT.number();
        long first = hash.offset(name);
        Cursor c = tree.cursor();
        for (boolean more = c.seek(directory, dirent, first);
                more
                        && c.inode() == directory
                        && c.kind() == dirent
                        && NameHash.sameHash(c.offset(), first);
                more = c.next()) {
            check(
                    DirentItem.check(c.page(), c.position(), c.lengthBytes()),
                    "dirent item",
                    directory);
            if (DirentItem.hasName(c.page(), c.position(), name)) {
                return DirentItem.CHILD.get(c.page(), c.position());
            }
        }
        return 0;
    }

    /// The attributes of an inode; null when it does not exist.
    @Nullable Attributes attributes(long inode) throws IOException {
        Cursor cursor = tree.cursor();
        return tree.find(cursor, inode, ItemKind.INODE.number(), 0)
                ? Inode.attributes(
                        inode,
                        cursor.page(),
                        cursor.position(),
                        cursor.lengthBytes(),
                        "tree=" + tree.owner())
                : null;
    }

    private void check(@Nullable String damage, String record, long inode) throws CorruptException {
        if (damage != null) {
            throw damage(record, inode, damage);
        }
    }

    private CorruptException damage(String record, long inode, String reason) {
        return new CorruptException(record, "tree=" + tree.owner() + " inode=" + inode, reason);
    }
}
