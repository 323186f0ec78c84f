package cowfs.btree;

import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.error.CorruptException;
import org.jspecify.annotations.Nullable;

/// The bounds that all nodes on a way down set for the next one: the key of the nearest slot to the
/// left of the way, and of the nearest one to its right.
///
/// A node that a writer takes into its hands is held against them, so that keys that are out of
/// place never get into a node that is trusted because it is the group's own. Not thread safe.
final class PathBounds {
    private final long owner;
    private @Nullable Node low;
    private int lowSlot;
    private @Nullable Node high;
    private int highSlot;

    /// At the root, which has none.
    ///
    /// @param owner of the tree, for messages
    PathBounds(long owner) {
        this.owner = owner;
    }

    /// Goes down through a slot. The node's other slots stay where they are from here on.
    void enter(Node node, int slot) {
        if (slot > 0) {
            low = node;
            lowSlot = slot;
        }
        if (slot + 1 < node.itemCount()) {
            high = node;
            highSlot = slot + 1;
        }
    }

    /// Lets the node below through if its keys are within the bounds; one that is in memory because
    /// it changed was held against them before.
    void require(Node child) throws CorruptException {
        if (!(child instanceof CommittedNode) || child.itemCount() == 0) {
            return;
        }
        boolean inside =
                (low == null || KeyBounds.compareFirst(child, low, lowSlot) >= 0)
                        && (high == null || KeyBounds.compareLast(child, high, highSlot) < 0);
        if (!inside) {
            throw KeyBounds.outOfBounds(child, owner);
        }
    }
}
