package cowfs.btree;

import cowfs.block.Node;
import cowfs.block.NodeSource;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A copy-on-write B+tree of items under (inode, kind, offset) keys.
///
/// The first change to a node in a transaction group puts an {@link OwnedNode} copy in its place,
/// and in the place of each node on the way to the root; from then on changes in that group are
/// made in the copy.
///
/// ```
///      before            a change in leaf C, txg 8        commit of txg 8
///        R7                     R7     R8*                   R7     R8
///       /  \                   /  \   /  \                  /  \   /  \
///      B7   C5                B7   C5     C8*              B7   C5     C8
///                              \_________/                  \_________/
/// ```
///
/// R7, B7 and C5 are never written again; a snapshot that names R7 keeps B7 and C5. Nodes marked
/// `*` are in memory only and get their addresses when the group commits, so that a node changed a
/// thousand times is written once.
///
/// Interior slots hold lower bounds: the key of slot 0 is the lower bound of the node itself (the
/// smallest key on the left edge), so that splitting and removing never need to correct a bound
/// higher up. Leaves split by bytes; one that is filled at its end stays full. A node less than a
/// quarter full is merged with a neighbour when both fit in three quarters. Interior nodes are
/// split on the way down, so that there is always room for one more child above a leaf.
///
/// **Undoing an operation.** Every put and remove of an operation is noted with what was there
/// before, so that one that can't go on is taken back: {@link #undo} puts the old items in place
/// again, last one first. What it leaves are copies of nodes with the old items in them, perhaps
/// divided otherwise. An {@link IOException} comes out of a change only at points where the tree is
/// whole: nodes are fetched before anything moves between them.
///
/// A committed child is held against the bounds that its parent sets, and by {@link Cursor} against
/// those of all nodes above, whenever it is entered. So keys rise along every walk, no node comes
/// twice, and every walk ends, also in an image that was made to mislead.
///
/// Not thread safe: the caller holds the tree's lock, shared for reading and exclusive for changes.
public final class BTree {
    private final NodeStore store;
    private final long owner;
    private final @Nullable ShadowListener listener;
    private final UndoLog undoLog = new UndoLog();
    private NodeSource source;
    private @Nullable Node root;
    private long txg;
    private int ownedCount;
    private long nodeCount;

    private BTree(
            NodeStore store, long owner, @Nullable Node root, @Nullable ShadowListener listener) {
        this.store = store;
        this.source = store;
        this.owner = owner;
        this.root = root;
        this.listener = listener;
    }

    /// A tree that is only read.
    ///
    /// @param root null for an empty tree
    public static BTree reader(NodeStore store, long owner, @Nullable Node root) {
        return new BTree(store, owner, root, null);
    }

    /// A tree that `txg` may change.
    ///
    /// @param root null for an empty tree
    /// @param nodeCount nodes that the tree has now
    public static BTree writer(
            NodeStore store,
            long owner,
            @Nullable Node root,
            long nodeCount,
            long txg,
            ShadowListener listener) {
        BTree tree = new BTree(store, owner, root, listener);
        tree.txg = txg;
        tree.nodeCount = nodeCount;
        return tree;
    }

    /// A reader of the tree as it is now, with another source of nodes.
    public BTree reader(NodeSource nodes) {
        BTree reader = reader(store, owner, root);
        reader.source = nodes;
        return reader;
    }

    /// Reads the root that a pointer names; null for {@link BlockPointer#NONE}.
    public static @Nullable Node readRoot(NodeStore store, BlockPointer pointer, int level)
            throws IOException {
        return pointer.isNone() ? null : store.read(pointer, level);
    }

    /// The id of the tree.
    public long owner() {
        return owner;
    }

    /// The root node, or null while the tree is empty.
    public @Nullable Node root() {
        return root;
    }

    /// The group that changes go to.
    public long txg() {
        return txg;
    }

    /// Nodes that the open group has made or copied.
    public int ownedCount() {
        return ownedCount;
    }

    /// Nodes of the whole tree.
    public long nodeCount() {
        return nodeCount;
    }

    /// Levels of the tree; 0 when it is empty.
    public int height() {
        Node top = root;
        return top == null ? 0 : top.level() + 1;
    }

    /// The longest value that an item may have.
    public int maxValueBytes() {
        return NodePage.maxValueBytes(store.nodeBytes());
    }

    /// A new cursor, not yet at any item.
    public Cursor cursor() {
        return new Cursor(this);
    }

    /// Whether an item exists; if so `cursor` is at it, otherwise it is not at any item that
    /// counts.
    public boolean find(Cursor cursor, long inode, int kind, long offset) throws IOException {
        return cursor.seek(inode, kind, offset)
                && cursor.inode() == inode
                && cursor.kind() == kind
                && cursor.offset() == offset;
    }

    /// Inserts an item or replaces its value.
    public void put(long inode, int kind, long offset, byte[] value) throws IOException {
        put(inode, kind, offset, value, 0, value.length);
    }

    /// Inserts an item or replaces its value. Cursors of this tree are void afterwards.
    public void put(long inode, int kind, long offset, byte[] value, int from, int lengthBytes)
            throws IOException {
        if (lengthBytes > maxValueBytes()) {
            throw new IllegalArgumentException(
                    "a value of " + lengthBytes + " bytes is longer than " + maxValueBytes());
        }
        OwnedNode parent = null;
        int parentSlot = 0;
        OwnedNode node = ownRootWithRoom();
        while (!node.isLeaf()) {
            lowerBound(node, inode, kind, offset);
            int slot = node.childSlot(inode, kind, offset);
            OwnedNode child = ownChild(node, slot);
            if (!child.isLeaf() && child.freeBytes() < NodePage.INTERIOR_SLOT_BYTES) {
                splitInterior(node, slot, child, child.childSlot(inode, kind, offset));
                slot = node.childSlot(inode, kind, offset);
                child = ownChild(node, slot);
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

    /// Gives an existing item another value of the same length. Unlike {@link #put} this never
    /// splits a node, not even one on the way that is full: with the path already owned it makes no
    /// node at all.
    public void replace(long inode, int kind, long offset, byte[] value) throws IOException {
        OwnedNode node = ownRoot();
        while (!node.isLeaf()) {
            node = ownChild(node, node.childSlot(inode, kind, offset));
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

    /// Removes an item. Cursors of this tree are void afterwards.
    ///
    /// @return false when there was none; nothing is copied then
    public boolean remove(long inode, int kind, long offset) throws IOException {
        if (!find(cursor(), inode, kind, offset)) {
            return false;
        }
        OwnedNode[] path = new OwnedNode[NodePage.MAX_LEVEL + 1];
        int[] slots = new int[NodePage.MAX_LEVEL + 1];
        int depth = 0;
        OwnedNode node = ownRoot();
        while (!node.isLeaf()) {
            int slot = node.childSlot(inode, kind, offset);
            path[depth] = node;
            slots[depth++] = slot;
            node = ownChild(node, slot);
        }
        int leafSlot =
                NodePage.lowerBound(node.page(), NodePage.LEAF_SLOT_BYTES, inode, kind, offset);
        undoLog.noteValue(node, leafSlot);
        node.removeItem(leafSlot);
        while (depth > 0) {
            depth--;
            if (!shrink(path[depth], slots[depth], node)) {
                break;
            }
            node = path[depth];
        }
        collapseRoot();
        return true;
    }

    /// Begins an operation, which {@link #undo} can take back until {@link #endOperation}. Without
    /// it nothing is noted.
    ///
    /// @param nodes where the operation gets nodes from
    public void beginOperation(NodeSource nodes) {
        source = nodes;
        undoLog.begin();
    }

    /// Whether the operation has changed an item so far.
    public boolean operationChangedItems() {
        return !undoLog.isEmpty();
    }

    /// Takes back what the operation has changed. May read nodes from the device.
    ///
    /// @throws IOException when a node that it needs can't be read: the tree is then as the
    ///   operation left it, or half way back
    public void undo() throws IOException {
        source = store;
        undoLog.undo(this);
    }

    public void endOperation() {
        source = store;
        undoLog.end();
    }

    /// Lets `openTxg` change the tree: the nodes that an earlier group owns are frozen from here
    /// on.
    public void beginTxg(long openTxg) {
        if (txg != openTxg) {
            txg = openTxg;
            ownedCount = 0;
        }
    }

    /// Puts the committed root in the place of the frozen one unless the tree has changed since.
    public void committed(OwnedNode frozenRoot) {
        if (root == frozenRoot) {
            root = Objects.requireNonNull(frozenRoot.committed(), "the root was not committed");
        }
    }

    /// Replaces the whole tree by another committed root.
    public void reset(@Nullable Node newRoot, long newNodeCount) {
        root = newRoot;
        nodeCount = newNodeCount;
        ownedCount = 0;
    }

    /// The child of a slot, from memory, the cache or the device.
    public Node child(Node node, int slot) throws IOException {
        if (node instanceof OwnedNode owned) {
            Node inMemory = owned.childInMemory(slot);
            if (inMemory != null) {
                return inMemory;
            }
        }
        int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
        Node child = source.read(NodePage.pointer(node.page(), at), node.level() - 1);
        if (child.itemCount() > 0
                && ((slot > 0 && compareFirst(child, node, slot) < 0)
                        || (slot + 1 < node.itemCount()
                                && compareLast(child, node, slot + 1) >= 0))) {
            throw outOfBounds(child);
        }
        return child;
    }

    /// Compares the first key of a node with the key of a slot in an interior node above it.
    static int compareFirst(Node below, Node above, int slot) {
        return compare(below, 0, above, slot);
    }

    static int compareLast(Node below, Node above, int slot) {
        return compare(below, below.itemCount() - 1, above, slot);
    }

    private static int compare(Node below, int belowSlot, Node above, int slot) {
        int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
        byte[] page = above.page();
        return NodePage.compareKey(
                below.page(),
                NodePage.slotPosition(belowSlot, NodePage.slotBytes(below.page())),
                NodePage.inode(page, at),
                NodePage.kind(page, at),
                NodePage.offset(page, at));
    }

    CorruptException outOfBounds(Node child) {
        return new CorruptException(
                "node",
                "tree=" + owner + " block=" + NodePage.address(child.page()),
                "its keys leave the bounds that its parents set");
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
        return OwnedNode.create(store.nodeBytes(), level, owner, store.uuid(), txg);
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
        ShadowListener shadows = listener;
        if (shadows == null) {
            throw new IllegalStateException("tree " + owner + " is read-only");
        }
        ownedCount++;
        shadows.shadowed(node);
        return OwnedNode.shadow(node, txg);
    }

    private OwnedNode ownRoot() {
        OwnedNode owned = root == null ? newNode(0) : own(root);
        root = owned;
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

    private OwnedNode ownChild(OwnedNode parent, int slot) throws IOException {
        Node child = child(parent, slot);
        if (child instanceof OwnedNode owned && owned.txg() == txg) {
            return owned;
        }
        OwnedNode copy = own(child);
        parent.setChild(slot, copy);
        return copy;
    }

    private OwnedNode growRoot(OwnedNode top) {
        OwnedNode grown = newNode(top.level() + 1);
        grown.insertChild(0, 0, 0, 0, top);
        root = grown;
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

    /// Removes an empty node from its parent, or merges a small one with a neighbour.
    ///
    /// @return whether the parent lost a child and may have to shrink in turn
    private boolean shrink(OwnedNode parent, int slot, OwnedNode node) throws IOException {
        if (node.itemCount() == 0) {
            parent.removeChild(slot);
            dropOwned();
            return true;
        }
        int capacity = store.nodeBytes() - NodePage.HEADER_BYTES;
        if (node.usedBytes() >= capacity / 4 || parent.itemCount() < 2) {
            return false;
        }
        int leftSlot = slot + 1 < parent.itemCount() ? slot : slot - 1;
        Node left = child(parent, leftSlot);
        Node right = child(parent, leftSlot + 1);
        if (usedBytes(left) + usedBytes(right) > capacity / 4 * 3) {
            return false;
        }
        OwnedNode ownedRight = ownChild(parent, leftSlot + 1);
        ownedRight.moveTail(0, ownChild(parent, leftSlot));
        parent.removeChild(leftSlot + 1);
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
        while (root instanceof OwnedNode top && !top.isLeaf() && top.itemCount() <= 1) {
            if (top.itemCount() == 0) {
                dropOwned();
                root = newNode(0);
                return;
            }
            root = child(top, 0);
            dropOwned();
        }
    }
}
