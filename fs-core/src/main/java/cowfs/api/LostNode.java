package cowfs.api;

import cowfs.btree.Loss;
import cowfs.format.ItemKind;
import cowfs.format.TreeId;

/// A node of a damaged image of which no copy is good, with all that is below it. Immutable.
public final class LostNode {
    private final Loss loss;

    LostNode(Loss loss) {
        this.loss = loss;
    }

    /// The number of the subvolume or snapshot; see {@link #ofPool}.
    public long treeId() {
        return loss.tree();
    }

    /// Whether it belongs to a tree of the pool itself.
    public boolean ofPool() {
        return loss.tree() < TreeId.FIRST_SUBVOLUME;
    }

    /// Where its first copy should be; 0 when that is not known.
    public long block() {
        return loss.pointer().address();
    }

    /// 0 for a leaf.
    public int level() {
        return loss.level();
    }

    /// What is wrong, one line.
    public String reason() {
        return String.valueOf(loss.why().getMessage());
    }

    /// Whether it may hold something of an inode: attributes, names, or content.
    public boolean mayHold(long inode) {
        return Long.compareUnsigned(loss.first().inode(), inode) <= 0
                && (Long.compareUnsigned(inode, loss.end().inode()) < 0
                        || (inode == loss.end().inode()
                                && (loss.end().kind() > 0 || loss.end().offset() != 0)));
    }

    /// From which byte on it may hold content of a file; -1 when it holds none.
    public long contentStart(long inode) {
        Loss.Bound first = loss.first();
        if (!mayHold(inode) || contentEnd(inode) == 0) {
            return -1;
        }
        boolean inside = first.inode() == inode && first.kind() == ItemKind.CONTENT.number();
        boolean behind = first.inode() == inode && first.kind() > ItemKind.CONTENT.number();
        return behind ? -1 : inside ? first.offset() : 0;
    }

    /// Up to which byte it may hold content of a file; `Long.MAX_VALUE` for up to its end.
    ///
    /// An extent of the node before may reach into what this says.
    public long contentEnd(long inode) {
        Loss.Bound end = loss.end();
        if (end.inode() != inode || end.kind() > ItemKind.CONTENT.number()) {
            return Long.MAX_VALUE;
        }
        return end.kind() < ItemKind.CONTENT.number() ? 0 : end.offset();
    }

    @Override
    public String toString() {
        return "tree=" + treeId() + " block=" + block() + ": " + reason();
    }

    /// Told of lost nodes.
    @FunctionalInterface
    public interface Listener {
        /// Called on the reading thread each time that it meets one, also one that it has met
        /// before.
        void lost(LostNode node);
    }
}
