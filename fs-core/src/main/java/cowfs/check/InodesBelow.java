package cowfs.check;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.file.Attributes;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import cowfs.format.DirentItem;
import cowfs.format.ItemKind;
import cowfs.format.NameHash;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The inodes at and below a path of one tree, and how many names each has there. Memory: 8 bytes
/// for each name, and about 50 for each directory. Immutable once it is made.
final class InodesBelow {
    private static final int DIRENT = ItemKind.DIRENT.number();

    private final Set<Long> directories = new HashSet<>();
    private long[] names = new long[64];
    private int nameCount;

    private InodesBelow() {}

    /// @return null when the path leads nowhere
    static @Nullable InodesBelow of(BTree files, NameHash hash, FilePath path) throws IOException {
        long at = Volume.ROOT_INODE;
        int type = Attributes.DIRECTORY;
        for (byte[] name : path.names()) {
            Cursor entry = type == Attributes.DIRECTORY ? lookup(files, hash, at, name) : null;
            if (entry == null) {
                return null;
            }
            at = DirentItem.CHILD.get(entry.page(), entry.position());
            type = DirentItem.type(entry.page(), entry.position());
        }
        InodesBelow below = new InodesBelow();
        below.add(at);
        if (type == Attributes.DIRECTORY) {
            below.addAllBelow(files, at);
        }
        Arrays.sort(below.names, 0, below.nameCount);
        return below;
    }

    private static @Nullable Cursor lookup(BTree files, NameHash hash, long directory, byte[] name)
            throws IOException {
        long first = hash.offset(name);
        Cursor cursor = files.cursor();
        for (boolean more = cursor.seek(directory, DIRENT, first);
                more && isEntry(cursor, directory) && NameHash.sameHash(cursor.offset(), first);
                more = cursor.next()) {
            requireSound(cursor);
            if (DirentItem.hasName(cursor.page(), cursor.position(), name)) {
                return cursor;
            }
        }
        return null;
    }

    private static boolean isEntry(Cursor cursor, long directory) {
        return cursor.inode() == directory && cursor.kind() == DIRENT;
    }

    private static void requireSound(Cursor cursor) throws CorruptException {
        String problem = DirentItem.check(cursor.page(), cursor.position(), cursor.lengthBytes());
        if (problem != null) {
            throw new CorruptException("dirent item", "inode=" + cursor.inode(), problem);
        }
    }

    private void addAllBelow(BTree files, long top) throws IOException {
        Deque<Long> open = new ArrayDeque<>();
        directories.add(top);
        open.push(top);
        Cursor cursor = files.cursor();
        while (!open.isEmpty()) {
            long directory = open.pop();
            for (boolean more = cursor.seek(directory, DIRENT, 0);
                    more && isEntry(cursor, directory);
                    more = cursor.next()) {
                requireSound(cursor);
                long child = DirentItem.CHILD.get(cursor.page(), cursor.position());
                add(child);
                if (DirentItem.type(cursor.page(), cursor.position()) == Attributes.DIRECTORY) {
                    if (!directories.add(child)) {
                        throw new CorruptException(
                                "dirent item",
                                "inode=" + directory,
                                "its directory " + child + " has another place as well");
                    }
                    open.push(child);
                }
            }
        }
    }

    private void add(long inode) {
        if (nameCount == names.length) {
            names = Arrays.copyOf(names, Math.multiplyExact(nameCount, 2));
        }
        names[nameCount++] = inode;
    }

    /// How many names an inode has at and below the path; 0 for one that is not there.
    int nameCount(long inode) {
        int count = 0;
        for (int at = firstNotBelow(inode); at < nameCount && names[at] == inode; at++) {
            count++;
        }
        return count;
    }

    /// Whether one of a range of inode numbers is there, both ends included.
    boolean hasAny(long first, long last) {
        int at = firstNotBelow(first);
        return at < nameCount && names[at] <= last;
    }

    private int firstNotBelow(long inode) {
        int low = 0;
        int high = nameCount;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (names[middle] < inode) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// Directories at and below the path.
    long directoryCount() {
        return directories.size();
    }

    /// All that is no directory, whatever number of names it has.
    long fileCount() {
        long distinct = 0;
        for (int at = 0; at < nameCount; at++) {
            distinct += at == 0 || names[at] != names[at - 1] ? 1 : 0;
        }
        return distinct - directories.size();
    }
}
