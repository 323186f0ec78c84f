package cowfs.subvol;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.ItemKind;
import cowfs.format.NodeRefItem;
import cowfs.txn.CommitContext;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One step of {@link Reclaim}, in one commit, on the stacks of references that deleted trees have
/// left in the root tree. One use.
final class ReclaimStep {
    private final List<Long> first;
    private boolean stuck = true;
    private long at;

    /// @param first the trees to begin with
    ReclaimStep(List<Long> first) {
        this.first = first;
    }

    /// Whether there was no room for a single drop, or what came first could not be read.
    boolean isStuck() {
        return stuck;
    }

    /// The tree that it came to last.
    long tree() {
        return at;
    }

    /// Drops up to about `limit` references.
    ///
    /// @throws RequestException `IO` when the next node can't be read now, `CORRUPT` for an item
    ///   that is out of place: the stack is whole
    void run(CommitContext context, int limit) throws IOException {
        int left = limit;
        Long tree = nextTree(context.rootTree());
        while (tree != null && left > 0) {
            at = tree;
            int now = step(context, tree, left);
            if (now == left) {
                stuck = left == limit;
                return;
            }
            left = now;
            // who waits for these waits for no other
            tree =
                    first.contains(tree)
                            ? nextFirst(context.rootTree())
                            : nextTree(context.rootTree());
        }
        stuck = false;
    }

    /// @return what is left of `limit`, at most 0 when it was used up or there was room for a part
    ///   only; all of it when there was no room
    private static int step(CommitContext context, long tree, int limit) throws IOException {
        Deque<NodeRefItem> stack = new ArrayDeque<>();
        int left = limit;
        while (left > 0) {
            NodeRefItem reference =
                    stack.isEmpty() ? takeTop(context.rootTree(), tree) : stack.pop();
            if (reference == null && left == limit) {
                // there is an item, and none that was put here
                throw new RequestException(
                        ErrorKind.CORRUPT,
                        "corrupt reclaim item: tree=" + tree + ", its place is out of range");
            }
            if (reference == null) {
                return left;
            }
            int dropped;
            try {
                dropped =
                        context.dropNode(
                                reference.pointer(),
                                reference.level(),
                                (pointer, level) -> stack.push(new NodeRefItem(pointer, level, 0)));
            } catch (RequestException unreadable) {
                stack.push(reference);
                putBack(context.rootTree(), tree, stack);
                throw unreadable;
            }
            if (dropped == 0) {
                stack.push(reference);
                break;
            }
            left -= dropped;
        }
        putBack(context.rootTree(), tree, stack);
        return left == limit ? limit : Math.min(left, 0);
    }

    private static void putBack(BTree rootTree, long tree, Deque<NodeRefItem> stack)
            throws IOException {
        long sequence = topSequence(rootTree, tree) + 1;
        List<NodeRefItem> bottomFirst = new ArrayList<>(stack).reversed();
        for (NodeRefItem rest : bottomFirst) {
            rootTree.put(tree, ItemKind.RECLAIM.number(), sequence++, rest.toBytes());
        }
    }

    private @Nullable Long nextFirst(BTree rootTree) throws IOException {
        for (long tree : first) {
            if (topSequence(rootTree, tree) >= 0) {
                return tree;
            }
        }
        return null;
    }

    private @Nullable Long nextTree(BTree rootTree) throws IOException {
        Long preferred = nextFirst(rootTree);
        if (preferred != null) {
            return preferred;
        }
        Cursor cursor = rootTree.cursor();
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            if (cursor.kind() == ItemKind.RECLAIM.number()) {
                return cursor.inode();
            }
        }
        return null;
    }

    /// The place of the reference that is dropped next; -1 when nothing is left of a tree.
    static long topSequence(BTree rootTree, long tree) throws IOException {
        Cursor cursor = rootTree.cursor();
        boolean found =
                cursor.seekFloor(tree, ItemKind.RECLAIM.number(), Long.MAX_VALUE)
                        && cursor.inode() == tree
                        && cursor.kind() == ItemKind.RECLAIM.number();
        return found ? cursor.offset() : -1;
    }

    private static @Nullable NodeRefItem takeTop(BTree rootTree, long tree) throws IOException {
        long sequence = topSequence(rootTree, tree);
        if (sequence < 0) {
            return null;
        }
        Cursor cursor = rootTree.cursor();
        rootTree.find(cursor, tree, ItemKind.RECLAIM.number(), sequence);
        NodeRefItem top =
                NodeRefItem.readFrom(
                        cursor.page(),
                        cursor.position(),
                        cursor.lengthBytes(),
                        "reclaim tree=" + tree + " entry=" + sequence);
        rootTree.remove(tree, ItemKind.RECLAIM.number(), sequence);
        return top;
    }
}
