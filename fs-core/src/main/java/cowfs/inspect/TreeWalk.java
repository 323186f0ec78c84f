package cowfs.inspect;

import cowfs.block.CommittedNode;
import cowfs.format.BlockPointer;
import cowfs.format.NodePage;
import java.io.IOException;

/// A walk down a tree, past what can't be read. The recursion is as deep as the tree is high, and
/// levels fall with every step, so it ends on any image. Not thread safe.
final class TreeWalk {
    private final InspectedImage image;
    private final Visitor visitor;

    /// Sees nodes, parents before children.
    interface Visitor {
        /// Whether to read a node and go on with it.
        ///
        /// @param parent block of the node above, 0 for a root
        boolean enters(InspectedTree tree, BlockPointer pointer, int level, long parent)
                throws IOException;

        /// A node that was read.
        void node(InspectedTree tree, CommittedNode node, long parent) throws IOException;

        /// After all below a node was seen, or it could not be read.
        default void leaves(InspectedTree tree, BlockPointer pointer, int level)
                throws IOException {}
    }

    TreeWalk(InspectedImage image, Visitor visitor) {
        this.image = image;
        this.visitor = visitor;
    }

    void walk(InspectedTree tree) throws IOException {
        if (!tree.root().isNone()) {
            walk(tree, tree.root(), tree.level(), 0);
        }
    }

    private void walk(InspectedTree tree, BlockPointer pointer, int level, long parent)
            throws IOException {
        if (!visitor.enters(tree, pointer, level, parent)) {
            return;
        }
        CommittedNode node = image.read(tree.id(), pointer, level);
        if (node != null) {
            visitor.node(tree, node, parent);
            byte[] page = node.page();
            for (int slot = 0; level > 0 && slot < node.itemCount(); slot++) {
                int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
                walk(tree, NodePage.pointer(page, at), level - 1, pointer.address());
            }
        }
        visitor.leaves(tree, pointer, level);
    }
}
