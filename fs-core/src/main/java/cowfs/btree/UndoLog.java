package cowfs.btree;

import cowfs.block.Node;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the items of a tree were before the operation that is running changed them, in the order of
/// the changes. Not thread safe.
final class UndoLog {
    /// @param value null when there was no such item
    @SuppressWarnings("ArrayRecordComponent") // made here and never compared
    private record Before(long inode, int kind, long offset, byte @Nullable [] value) {}

    private final List<Before> befores = new ArrayList<>();
    private boolean active;

    void begin() {
        befores.clear();
        active = true;
    }

    void end() {
        befores.clear();
        active = false;
    }

    boolean isEmpty() {
        return befores.isEmpty();
    }

    /// Notes that an item is about to be made.
    void noteAbsent(long inode, int kind, long offset) {
        if (active) {
            befores.add(new Before(inode, kind, offset, null));
        }
    }

    /// Notes an item that is about to be replaced or removed.
    void noteValue(Node leaf, int slot) {
        if (active) {
            byte[] page = leaf.page();
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            int from = NodePage.valuePosition(page, at);
            befores.add(
                    new Before(
                            NodePage.inode(page, at),
                            NodePage.kind(page, at),
                            NodePage.offset(page, at),
                            Arrays.copyOfRange(page, from, from + NodePage.valueLength(page, at))));
        }
    }

    /// Puts everything back, the last change first.
    void undo(BTree tree) throws IOException {
        active = false;
        while (!befores.isEmpty()) {
            Before last = befores.getLast();
            if (last.value == null) {
                tree.remove(last.inode, last.kind, last.offset);
            } else {
                tree.put(last.inode, last.kind, last.offset, last.value);
            }
            befores.removeLast();
        }
    }
}
