package cowfs.stream;

import cowfs.btree.Cursor;
import cowfs.dir.InodeRefs;
import cowfs.error.CorruptException;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/// Makes sure of what no record shows by itself: that no received directory lies below itself, and
/// that every symlink has its target.
///
/// Where every directory has a higher number than the one that it lies in there is no circle. So
/// only those are looked at that were put below one with a higher number, by walking up from them.
/// As long as there are not many they are remembered; otherwise, and when some were received
/// before, the tree is searched for them.
///
/// A symlink's target comes right behind it, and is missed at once. But a stream that goes on may
/// leave out the one of a symlink behind which the earlier stream was cut: so the search of a tree
/// of which a part was received before looks for those too. Not thread safe.
final class WholeTree {
    private static final int MAX_REMEMBERED = 100_000;

    /// Items that one look at the tree passes.
    private static final int STEP_ITEMS = 4096;

    private final FileTree tree;
    private final InodeRefs refs;
    private final Set<Long> below = new HashSet<>();
    private boolean search;

    /// @param search whether a part of the tree was received before
    WholeTree(FileTree tree, InodeRefs refs, boolean search) {
        this.tree = tree;
        this.refs = refs;
        this.search = search;
    }

    /// Notes where a directory lies.
    void placed(long directory, long parent) {
        if (parent >= directory && !search) {
            below.add(directory);
            search = below.size() > MAX_REMEMBERED;
        }
    }

    /// @throws RequestException `INVALID` for a directory below itself, or a symlink without target
    void require() throws IOException {
        if (search) {
            searchAll();
            return;
        }
        for (long directory : below) {
            requireRoot(directory);
        }
    }

    private void searchAll() throws IOException {
        Position[] at = {Position.START};
        Position end = new Position(-1, 0, 0);
        while (at[0].compareTo(end) < 0) {
            Position from = at[0];
            Set<Long> found = new HashSet<>();
            at[0] = tree.read(items -> collect(items.cursor(), from, end, found));
            for (long directory : found) {
                requireRoot(directory);
            }
        }
    }

    private static Position collect(Cursor c, Position from, Position end, Set<Long> found)
            throws IOException {
        found.clear();
        long directory = 0;
        long untargeted = 0;
        boolean more = c.seek(from.inode(), from.kind(), from.offset());
        for (int i = 0; more; i++, more = c.next()) {
            boolean inode = c.kind() == ItemKind.INODE.number() && c.inode() != 0;
            if (inode) {
                requireTargeted(untargeted);
                if (i >= STEP_ITEMS) {
                    return new Position(c.inode(), c.kind(), c.offset());
                }
                int type = InodeItem.MODE.get(c.page(), c.position()) & Attributes.TYPE_MASK;
                directory = type == Attributes.DIRECTORY ? c.inode() : 0;
                untargeted = type == Attributes.SYMLINK ? c.inode() : 0;
            } else if (c.kind() == ItemKind.CONTENT.number()) {
                untargeted = 0;
            } else if (c.kind() == ItemKind.INODE_REF.number()
                    && c.inode() == directory
                    && InodeRefItem.PARENT.get(c.page(), c.position()) >= directory) {
                found.add(directory);
            }
        }
        requireTargeted(untargeted);
        return end;
    }

    /// @param symlink that no content was found of; 0 for none
    private static void requireTargeted(long symlink) throws RequestException {
        if (symlink != 0) {
            throw RecordReader.damaged("symlink " + symlink + " has no target");
        }
    }

    private void requireRoot(long directory) throws IOException {
        try {
            boolean gone =
                    tree.read(
                            items ->
                                    ReceivedInode.lookupItem(items, directory) == null
                                            || refs.isBelow(items, directory, Volume.ROOT_INODE));
            if (!gone) {
                throw RecordReader.damaged("directory " + directory + " has no place");
            }
        } catch (CorruptException circle) {
            throw RecordReader.damaged("directory " + directory + " lies below itself");
        }
    }
}
