package cowfs.check;

import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import java.util.Arrays;

/// Looks for directories of one file tree that lie below themselves. Memory: 17 bytes for each
/// directory, twice that while it grows. Not thread safe.
final class DirectoryLoops {
    private static final byte NEW = 0;
    private static final byte ON_PATH = 1;
    private static final byte DONE = 2;

    private long[] directories = new long[1024];
    private long[] parents = new long[1024];
    private int count;
    private long current;
    private boolean currentIsDirectory;

    /// Takes the items of the tree, in key order.
    void item(Key key, byte[] page, int position, int lengthBytes) {
        if (key.kind() == ItemKind.INODE.number()) {
            int mode = InodeItem.MODE.get(page, position);
            current = key.inode();
            currentIsDirectory = (mode & Attributes.TYPE_MASK) == Attributes.DIRECTORY;
        } else if (key.kind() == ItemKind.INODE_REF.number()
                && currentIsDirectory
                && key.inode() == current
                && (count == 0 || directories[count - 1] != current)) {
            if (count == directories.length) {
                directories = Arrays.copyOf(directories, 2 * count);
                parents = Arrays.copyOf(parents, 2 * count);
            }
            directories[count] = current;
            parents[count] = InodeRefItem.PARENT.get(page, position);
            count++;
        }
    }

    /// Reports one directory of each loop.
    void report(ItemFindings items) {
        byte[] states = new byte[count];
        for (int start = 0; start < count; start++) {
            int at = start;
            while (at >= 0 && states[at] == NEW) {
                states[at] = ON_PATH;
                at = parentOf(at);
            }
            if (at >= 0 && states[at] == ON_PATH) {
                items.inode(
                        DamageCode.DIRECTORY_LOOP,
                        "directory",
                        directories[at],
                        "it lies below itself, parent is " + parents[at]);
            }
            for (at = start; at >= 0 && states[at] == ON_PATH; at = parentOf(at)) {
                states[at] = DONE;
            }
        }
    }

    /// The place of a directory's parent; -1 for the root directory and for one that is missing.
    private int parentOf(int at) {
        long parent = parents[at];
        if (parent == Volume.ROOT_INODE) {
            return -1;
        }
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Long.compareUnsigned(directories[middle], parent);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }
}
