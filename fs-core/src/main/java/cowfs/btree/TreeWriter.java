package cowfs.btree;

import cowfs.block.Node;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.format.NodePage;
import java.io.IOException;

/// Changes a tree: makes the nodes on the way to an item the open group's own, and keeps the tree
/// in shape while items come and go.
///
/// A node that the group does not own is never changed: {@link #own} puts a copy in its place, from
/// the root down, and tells the {@link ShadowListener} of the one that the tree has stopped using.
/// Nodes are fetched before anything moves between them, so that an exception leaves the tree
/// whole.
///
/// Interior slots hold lower bounds: the key of slot 0 is the lower bound of the node itself (the
/// smallest key on the left edge), so that splitting and removing never need to correct a bound
/// higher up. Leaves split by bytes ({@link LeafSplit}); one that is filled at its end stays full.
/// A node less than a quarter full is merged with a neighbour when both fit in three quarters.
/// Interior nodes are split on the way down, so that there is always room for one more child above
/// a leaf.
///
/// Counts the nodes of the tree, and those of the open group: as many places as its commit needs.
final class TreeWriter {
    private final BTree tree;
    private final NodeStore store;
    private final UndoLog undoLog;
    private final ShadowListener listener;
    private long txg;
    private int ownedCount;
    private long nodeCount;

    /// @param nodeCount nodes that the tree has now
    TreeWriter(
            BTree tree,
            NodeStore store,
            UndoLog undoLog,
            ShadowListener listener,
            long txg,
            long nodeCount) {
        this.tree = tree;
        this.store = store;
        this.undoLog = undoLog;
        this.listener = listener;
        this.txg = txg;
        this.nodeCount = nodeCount;
    }

    long txg() {
        return txg;
    }

    int ownedCount() {
        return ownedCount;
    }

    long nodeCount() {
        return nodeCount;
    }

    /// Freezes what earlier groups own.
    void beginTxg(long openTxg) {
        if (txg != openTxg) {
            txg = openTxg;
            ownedCount = 0;
        }
    }

    /// See {@link BTree#put(long, int, long, byte[], int, int)}.
    void put(long inode, int kind, long offset, byte[] value, int from, int lengthBytes)
            throws IOException {
        if (lengthBytes > tree.maxValueBytes()) {
            throw new IllegalArgumentException(
                    "a value of " + lengthBytes + " bytes is longer than " + tree.maxValueBytes());
        }
        OwnedNode parent = null;
        int parentSlot = 0;
        OwnedNode node = ownRootWithRoom();
        PathBounds bounds = new PathBounds(tree.owner());
        while (!node.isLeaf()) {
            lowerBound(node, inode, kind, offset);
            int slot = node.childSlot(inode, kind, offset);
            OwnedNode child = ownChild(node, slot, bounds);
            if (!child.isLeaf() && child.freeBytes() < NodePage.INTERIOR_SLOT_BYTES) {
                splitInterior(node, slot, child, child.childSlot(inode, kind, offset));
                slot = node.childSlot(inode, kind, offset);
                child = ownChild(node, slot, bounds);
            }
            parent = node;
            parentSlot = slot;
            node = child;
        }
        // until here nodes were copied and bounds moved, but the items are what they were
        int slot = NodePage.lowerBound(node.page(), NodePage.LEAF_SLOT_BYTES, inode, kind, offset);
        if (isAt(node, slot, inode, kind, offset)) {
            undoLog.noteValue(node, slot);
            int old =
                    NodePage.valueLength(
                            node.page(), NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES));
            if (lengthBytes - old <= node.freeBytes()) {
                node.replaceValue(slot, value, from, lengthBytes);
                return;
            }
            node.removeItem(slot);
        } else {
            undoLog.noteAbsent(inode, kind, offset);
        }
        if (node.freeBytes() >= NodePage.LEAF_SLOT_BYTES + lengthBytes) {
            node.insertItem(slot, inode, kind, offset, value, from, lengthBytes);
            return;
        }
        if (parent == null) {
            parent = growRoot(node);
        }
        OwnedNode right = newNode(0);
        LeafSplit split = LeafSplit.choose(node.page(), slot, inode, lengthBytes);
        node.moveTail(split.firstMoved(), right);
        OwnedNode target = split.insertRight() ? right : node;
        int targetSlot = split.insertRight() ? slot - split.firstMoved() : slot;
        target.insertItem(targetSlot, inode, kind, offset, value, from, lengthBytes);
        insertAfter(parent, parentSlot, right);
    }

    /// See {@link BTree#replace}.
    void replace(long inode, int kind, long offset, byte[] value) throws IOException {
        OwnedNode node = ownRoot();
        PathBounds bounds = new PathBounds(tree.owner());
        while (!node.isLeaf()) {
            node = ownChild(node, node.childSlot(inode, kind, offset), bounds);
        }
        int slot = NodePage.lowerBound(node.page(), NodePage.LEAF_SLOT_BYTES, inode, kind, offset);
        int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
        if (!isAt(node, slot, inode, kind, offset)
                || NodePage.valueLength(node.page(), at) != value.length) {
            throw new IllegalStateException("no item of " + value.length + " bytes to replace");
        }
        undoLog.noteValue(node, slot);
        node.replaceValue(slot, value, 0, value.length);
    }

    /// Removes an item, which is there.
    void remove(long inode, int kind, long offset) throws IOException {
        OwnedNode[] path = new OwnedNode[NodePage.MAX_LEVEL + 1];
        int[] slots = new int[NodePage.MAX_LEVEL + 1];
        int depth = 0;
        OwnedNode node = ownRoot();
        PathBounds bounds = new PathBounds(tree.owner());
        while (!node.isLeaf()) {
            int slot = node.childSlot(inode, kind, offset);
            path[depth] = node;
            slots[depth++] = slot;
            node = ownChild(node, slot, bounds);
        }
        int leafSlot =
                NodePage.lowerBound(node.page(), NodePage.LEAF_SLOT_BYTES, inode, kind, offset);
        undoLog.noteValue(node, leafSlot);
        node.removeItem(leafSlot);
        while (depth > 0) {
            depth--;
            if (!shrink(path, slots, depth, node)) {
                break;
            }
            node = path[depth];
        }
        collapseRoot();
    }

    private static boolean isAt(Node leaf, int slot, long inode, int kind, long offset) {
        return slot < leaf.itemCount()
                && NodePage.compareKey(
                                leaf.page(),
                                NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES),
                                inode,
                                kind,
                                offset)
                        == 0;
    }

    private OwnedNode newNode(int level) {
        ownedCount++;
        nodeCount++;
        return OwnedNode.create(store.nodeBytes(), level, tree.owner(), store.uuid(), txg);
    }

    /// Lowers the bound of a node to a key that comes into it. A node whose left neighbour was
    /// removed, or that became the root, may get keys below the bound that it was made with;
    /// without this a split of its first leaf would put a bound behind a higher one.
    private static void lowerBound(OwnedNode node, long inode, int kind, long offset) {
        int first = NodePage.slotPosition(0, NodePage.INTERIOR_SLOT_BYTES);
        if (NodePage.compareKey(node.page(), first, inode, kind, offset) > 0) {
            NodePage.setKey(node.page(), first, inode, kind, offset);
        }
    }

    /// Gives up a node that this group owns and no parent names any more.
    private void dropOwned() {
        ownedCount--;
        nodeCount--;
    }

    private OwnedNode own(Node node) {
        if (node instanceof OwnedNode owned && owned.txg() == txg) {
            return owned;
        }
        ownedCount++;
        listener.shadowed(node);
        return OwnedNode.shadow(node, txg);
    }

    private OwnedNode ownRoot() {
        Node root = tree.root();
        OwnedNode owned = root == null ? newNode(0) : own(root);
        tree.setRoot(owned);
        return owned;
    }

    private OwnedNode ownRootWithRoom() {
        OwnedNode top = ownRoot();
        if (!top.isLeaf() && top.freeBytes() < NodePage.INTERIOR_SLOT_BYTES) {
            OwnedNode grown = growRoot(top);
            splitInterior(grown, 0, top, top.itemCount() - 1);
            return grown;
        }
        return top;
    }

    /// Makes the child of a slot the group's own.
    ///
    /// @param bounds of the way to the parent; then to the child
    private OwnedNode ownChild(OwnedNode parent, int slot, PathBounds bounds) throws IOException {
        Node child = child(parent, slot, bounds);
        if (child instanceof OwnedNode owned && owned.txg() == txg) {
            return owned;
        }
        OwnedNode copy = own(child);
        parent.setChild(slot, copy);
        return copy;
    }

    private Node child(OwnedNode parent, int slot, PathBounds bounds) throws IOException {
        bounds.enter(parent, slot);
        Node child = tree.child(parent, slot);
        bounds.require(child);
        return child;
    }

    private PathBounds boundsOf(OwnedNode[] path, int[] slots, int depth) {
        PathBounds bounds = new PathBounds(tree.owner());
        for (int i = 0; i < depth; i++) {
            bounds.enter(path[i], slots[i]);
        }
        return bounds;
    }

    private OwnedNode growRoot(OwnedNode top) {
        OwnedNode grown = newNode(top.level() + 1);
        grown.insertChild(0, 0, 0, 0, top);
        tree.setRoot(grown);
        return grown;
    }

    private void splitInterior(OwnedNode parent, int parentSlot, OwnedNode node, int targetSlot) {
        int count = node.itemCount();
        OwnedNode right = newNode(node.level());
        node.moveTail(targetSlot == count - 1 ? count - 1 : count / 2, right);
        insertAfter(parent, parentSlot, right);
    }

    private static void insertAfter(OwnedNode parent, int slot, OwnedNode right) {
        int first = NodePage.slotPosition(0, NodePage.slotBytes(right.page()));
        byte[] page = right.page();
        parent.insertChild(
                slot + 1,
                NodePage.inode(page, first),
                NodePage.kind(page, first),
                NodePage.offset(page, first),
                right);
    }

    /// Removes an empty node from its parent, or merges a small one with its right neighbour or,
    /// where that is too large, with its left one. A neighbour is held against the bounds of the
    /// whole way: its keys get into a node that nobody looks at again.
    ///
    /// @param path the nodes above
    /// @param slots the slots that lead down
    /// @param depth of the parent on the path
    /// @return whether the parent lost a child and may have to shrink in turn
    private boolean shrink(OwnedNode[] path, int[] slots, int depth, OwnedNode node)
            throws IOException {
        OwnedNode parent = path[depth];
        int slot = slots[depth];
        if (node.itemCount() == 0) {
            parent.removeChild(slot);
            dropOwned();
            return true;
        }
        return node.usedBytes() < capacity() / 4
                && (merge(path, slots, depth, slot) || merge(path, slots, depth, slot - 1));
    }

    private int capacity() {
        return store.nodeBytes() - NodePage.HEADER_BYTES;
    }

    /// Merges the children of a slot and the next one, if there are both and they fit.
    private boolean merge(OwnedNode[] path, int[] slots, int depth, int slot) throws IOException {
        OwnedNode parent = path[depth];
        if (slot < 0 || slot + 1 >= parent.itemCount()) {
            return false;
        }
        Node left = child(parent, slot, boundsOf(path, slots, depth));
        Node right = child(parent, slot + 1, boundsOf(path, slots, depth));
        if (usedBytes(left) + usedBytes(right) > capacity() / 4 * 3) {
            return false;
        }
        OwnedNode ownedLeft = ownChild(parent, slot, boundsOf(path, slots, depth));
        OwnedNode ownedRight = ownChild(parent, slot + 1, boundsOf(path, slots, depth));
        ownedRight.moveTail(0, ownedLeft);
        parent.removeChild(slot + 1);
        dropOwned();
        return true;
    }

    private static int usedBytes(Node node) {
        byte[] page = node.page();
        return node.itemCount() * NodePage.slotBytes(page)
                + page.length
                - NodePage.heapStart(page)
                - NodePage.garbage(page);
    }

    private void collapseRoot() throws IOException {
        // a child that the operation has not copied stays as it is
        while (tree.root() instanceof OwnedNode top
                && top.txg() == txg
                && !top.isLeaf()
                && top.itemCount() <= 1) {
            if (top.itemCount() == 0) {
                dropOwned();
                tree.setRoot(newNode(0));
                return;
            }
            tree.setRoot(tree.child(top, 0));
            dropOwned();
        }
    }
}
