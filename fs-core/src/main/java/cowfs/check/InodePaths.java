package cowfs.check;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.file.Volume;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import cowfs.txn.CommittedState;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Finds a path of an inode by the way back that inode refs are, for reports. Stateless; thread
/// safe.
public final class InodePaths {
    /// Directories above a name; deeper ones, and loops, have no path.
    private static final int MAX_DEPTH = 4096;

    private InodePaths() {}

    /// A path of an inode in the last durable state, such as `/a/b`; null when there is none, or
    /// when it can't be read. Bytes that are no UTF-8 and control characters are shown as
    /// replacement characters.
    public static @Nullable String lookup(PoolStore store, long tree, long inode) {
        long epoch = store.epochs().enter();
        try {
            CommittedState state = store.state();
            BTree rootTree = store.rootTreeOf(state);
            Cursor cursor = rootTree.cursor();
            if (!rootTree.find(cursor, tree, ItemKind.SUBVOLUME.number(), 0)) {
                return null;
            }
            SubvolumeItem item =
                    SubvolumeItem.readFrom(
                            cursor.page(), cursor.position(), cursor.lengthBytes(), "tree");
            return lookup(
                    BTree.reader(
                            store.nodes(),
                            tree,
                            BTree.readRoot(store.nodes(), item.root(), item.rootLevel())),
                    inode);
        } catch (IOException unreadable) {
            return null;
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// The same in a tree that is read.
    public static @Nullable String lookup(BTree files, long inode) throws IOException {
        Deque<String> names = new ArrayDeque<>();
        long at = inode;
        int kind = ItemKind.INODE_REF.number();
        Cursor cursor = files.cursor();
        for (int depth = 0; at != Volume.ROOT_INODE; depth++) {
            boolean found =
                    depth < MAX_DEPTH
                            && cursor.seek(at, kind, 0)
                            && cursor.inode() == at
                            && cursor.kind() == kind
                            && InodeRefItem.check(
                                            cursor.page(), cursor.position(), cursor.lengthBytes())
                                    == null;
            if (!found) {
                return null;
            }
            names.addFirst(printable(InodeRefItem.name(cursor.page(), cursor.position())));
            at = InodeRefItem.PARENT.get(cursor.page(), cursor.position());
        }
        return "/" + String.join("/", names);
    }

    /// A name as it may go to a terminal.
    static String printable(byte[] name) {
        return new String(name, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "\uFFFD");
    }
}
