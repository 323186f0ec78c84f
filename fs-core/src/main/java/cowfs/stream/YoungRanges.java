package cowfs.stream;

import cowfs.block.CommittedNode;
import cowfs.block.NodeSource;
import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.NodePage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The ranges of keys of a tree in which an earlier state of it, which is not there any more, may
/// have held something else: all but those that old subtrees span.
///
/// ```
///   root              [ 10 | 40 | 70 | 90 ]           born in 9
///   leaves   10..33    41..58    70..75    93..97
///   born in     3         9         4         2       the earlier state: 5
///
///   ranges   [ 0, 10)  (33, 70)            (75, 93)  (97, end]
/// ```
///
/// **Why that is all.** A node is never changed, and whoever changes a tree writes each node on the
/// way from the change to the root anew. So as long as a tree is only changed and never replaced, a
/// node of it that was born no later than an earlier state was a node of that state, and by then
/// with all that lies below it: a node is born no earlier than what it leads to. A tree is in key
/// order, so between the first and the last key of that subtree the state had what lies in it and
/// nothing else. Between two such subtrees it may have had anything: a leaf that is gone leaves no
/// trace. Keys that stand in interior nodes prove nothing, as a neighbour's range grows when a node
/// goes; so the first and the last key of an old subtree are read from its leaves.
///
/// Cost: the nodes that are young, and for each old subtree below one of them the nodes on its two
/// edges. Memory: one path. Not thread safe.
final class YoungRanges {
    /// Behind every key.
    static final Position END = new Position(-1, 255, -1);

    private final NodeSource nodes;
    private final TreePosition walk;
    private final long txg;
    private @Nullable Position from = Position.START;
    private Position start = Position.START;
    private Position end = Position.START;

    /// @param txg what is born later is young
    YoungRanges(NodeSource nodes, TreeRoot root, long txg) {
        this.nodes = nodes;
        this.walk = new TreePosition(nodes, root);
        this.txg = txg;
    }

    /// Goes to the next range; it is not empty, and neither touches the one before nor overlaps it.
    ///
    /// @return false when there is none left
    boolean next() throws IOException {
        while (from != null) {
            Position begin = from;
            if (walk.atEnd()) {
                from = null;
                start = begin;
                end = END;
                return true;
            }
            if (walk.atSubtree() && Long.compareUnsigned(walk.pointer().birthTxg(), txg) <= 0) {
                Position first = edge(walk.pointer(), walk.level(), false);
                Position last = edge(walk.pointer(), walk.level(), true);
                walk.skip();
                if (first == null || last == null) {
                    continue;
                }
                if (first.compareTo(begin) < 0 || last.compareTo(first) < 0) {
                    throw new CorruptException(
                            "node", "key=" + first, "the keys of a tree do not rise");
                }
                from = after(last);
                if (begin.compareTo(first) < 0) {
                    start = begin;
                    end = first;
                    return true;
                }
            } else if (walk.atSubtree()) {
                walk.enter();
            } else {
                walk.skip();
            }
        }
        return false;
    }

    /// The first key of the range.
    Position start() {
        return start;
    }

    /// The first key behind the range.
    Position end() {
        return end;
    }

    /// The first or the last key of a subtree; null when it has none.
    private @Nullable Position edge(BlockPointer pointer, int level, boolean last)
            throws IOException {
        BlockPointer at = pointer;
        for (int depth = level; ; depth--) {
            CommittedNode node = nodes.read(at, depth);
            byte[] page = node.page();
            if (node.itemCount() == 0) {
                return null;
            }
            int slot =
                    NodePage.slotPosition(
                            last ? node.itemCount() - 1 : 0, NodePage.slotBytes(page));
            if (node.isLeaf()) {
                return new Position(
                        NodePage.inode(page, slot),
                        NodePage.kind(page, slot),
                        NodePage.offset(page, slot));
            }
            at = NodePage.pointer(page, slot);
        }
    }

    /// The lowest key above one.
    private static Position after(Position key) {
        return key.offset() == -1
                ? new Position(key.inode(), key.kind() + 1, 0)
                : new Position(key.inode(), key.kind(), key.offset() + 1);
    }
}
