package cowfs.stream;

import cowfs.block.NodeSource;
import cowfs.error.CorruptException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The items in which two committed trees differ, in key order.
///
/// Two walks go along together, one through each tree. Where both come to the same subtree (equal
/// block pointers: same address, birth and checksum, so the same bytes all the way down) they step
/// over it without reading it. Otherwise the walk with the lower bound goes on; at equal bounds the
/// one whose subtree is higher is entered, so that a tree that has grown by a level meets the other
/// one again a level further down.
///
/// ```
///    before   R1            after   R2            read: R1 R2, A A', 1 leaf on each side
///            /  \                  /  \           skipped: B and all below, the other leaves of A
///           A    B                A'   B
/// ```
///
/// **Contract**
///
/// - {@link #next} yields each key whose value is not the same in both trees exactly once, keys
///   rising in unsigned order (inode, kind, offset): first all items of one inode, then those of
///   the next. An item with equal bytes on both sides is never yielded.
/// - {@link #before} is null for an item that has come, {@link #after} for one that has gone; never
///   are both null, nor both there with the same bytes. The values are views of immutable nodes and
///   may be kept.
/// - Any two trees of one pool may be compared: snapshots, live subvolumes, clones, unrelated ones,
///   {@link TreeRoot#EMPTY} for all of a tree. Item kinds are not looked at, nor are values
///   validated: the reader of an item does that.
/// - Moved blocks (another address for the same bytes) are a difference of the items that name
///   them, and of no others.
/// - Cost: the nodes on the ways to items that differ, on each side, and at most a few more ways
///   where nodes were divided or merged. Memory: one path of nodes on each side.
/// - Damage is a {@link CorruptException}; keys never go back, and a walk always ends.
///
/// The trees must stay as they are and readable while the diff is used: see {@link StableTrees}.
/// Not thread safe; nothing to close.
///
/// The walk is that of `btrfs_compare_trees`; here the bound of a position, not the key in a slot,
/// decides who goes on, because a slot's key may be lower than what is below it.
public final class TreeDiff {
    private final TreePosition left;
    private final TreePosition right;
    private long inode;
    private int kind;
    private long offset;
    private @Nullable ItemValue before;
    private @Nullable ItemValue after;

    private TreeDiff(TreePosition left, TreePosition right) {
        this.left = left;
        this.right = right;
    }

    /// The differences of two trees, none read yet.
    ///
    /// @param nodes where both get their nodes from
    public static TreeDiff between(NodeSource nodes, TreeRoot before, TreeRoot after) {
        return new TreeDiff(new TreePosition(nodes, before), new TreePosition(nodes, after));
    }

    /// Goes to the next difference.
    ///
    /// @return false when there is none left
    public boolean next() throws IOException {
        while (!left.atEnd() || !right.atEnd()) {
            if (isSameSubtree()) {
                left.skip();
                right.skip();
                continue;
            }
            int order = order();
            if (order == 0 && left.atItem() && right.atItem()) {
                if (takeBoth()) {
                    return true;
                }
            } else if (order < 0) {
                if (left.atSubtree()) {
                    left.enter();
                } else {
                    take(left);
                    before = left.value();
                    after = null;
                    left.skip();
                    return true;
                }
            } else if (order > 0) {
                if (right.atSubtree()) {
                    right.enter();
                } else {
                    take(right);
                    before = null;
                    after = right.value();
                    right.skip();
                    return true;
                }
            } else {
                enterHigher();
            }
        }
        before = null;
        after = null;
        return false;
    }

    private boolean isSameSubtree() {
        return left.atSubtree()
                && right.atSubtree()
                && left.level() == right.level()
                && left.pointer().equals(right.pointer());
    }

    /// Which walk goes on: negative for the left one, positive for the right one, 0 for both.
    private int order() {
        if (left.atEnd() || right.atEnd()) {
            return left.atEnd() ? 1 : -1;
        }
        return left.compareBound(right);
    }

    /// Enters the higher one of two subtrees, both when they are as high, or the only one.
    private void enterHigher() throws IOException {
        int leftLevel = left.atSubtree() ? left.level() : -1;
        int rightLevel = right.atSubtree() ? right.level() : -1;
        if (leftLevel >= rightLevel) {
            left.enter();
        }
        if (rightLevel >= leftLevel) {
            right.enter();
        }
    }

    /// Takes two items of one key.
    ///
    /// @return whether they differ
    private boolean takeBoth() {
        ItemValue old = left.value();
        ItemValue fresh = right.value();
        boolean differ = !old.hasSameBytes(fresh);
        if (differ) {
            take(left);
            before = old;
            after = fresh;
        }
        left.skip();
        right.skip();
        return differ;
    }

    private void take(TreePosition position) {
        inode = position.inode();
        kind = position.kind();
        offset = position.offset();
    }

    /// The inode number of the key.
    public long inode() {
        return inode;
    }

    /// The kind of the key, see {@link cowfs.format.ItemKind#number}.
    public int kind() {
        return kind;
    }

    /// The offset of the key, unsigned.
    public long offset() {
        return offset;
    }

    /// The value in the first tree; null when it has no item of this key.
    public @Nullable ItemValue before() {
        return before;
    }

    /// The value in the second tree; null when it has no item of this key.
    public @Nullable ItemValue after() {
        return after;
    }
}
