package cowfs.btree;

import cowfs.block.Node;
import cowfs.block.NodeSource;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
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
/// How nodes split and merge: {@link TreeWriter}. How a walk is kept from being misled: {@link
/// KeyBounds}.
///
/// **Undoing an operation.** Every put and remove of an operation is noted with what was there
/// before, so that one that can't go on is taken back: {@link #undo} puts the old items in place
/// again, last one first. What it leaves are copies of nodes with the old items in them, perhaps
/// divided otherwise. An {@link IOException} comes out of a change only at points where the tree is
/// whole: nodes are fetched before anything moves between them.
///
/// Not thread safe: the caller holds the tree's lock, shared for reading and exclusive for changes.
public final class BTree {
    private final NodeStore store;
    private final long owner;
    private final UndoLog undoLog = new UndoLog();
    private NodeSource source;
    private Loss.@Nullable Listener losses;
    private @Nullable Node root;
    private @Nullable TreeWriter writer;

    private BTree(NodeStore store, long owner, @Nullable Node root) {
        this.store = store;
        this.source = store;
        this.owner = owner;
        this.root = root;
    }

    /// A tree that is only read.
    ///
    /// @param root null for an empty tree
    public static BTree reader(NodeStore store, long owner, @Nullable Node root) {
        return new BTree(store, owner, root);
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
        BTree tree = new BTree(store, owner, root);
        tree.writer = new TreeWriter(tree, store, tree.undoLog, listener, txg, nodeCount);
        return tree;
    }

    /// A reader of the tree as it is now, with another source of nodes.
    public BTree reader(NodeSource nodes) {
        BTree reader = reader(store, owner, root);
        reader.source = nodes;
        return reader;
    }

    /// A reader of the tree as it is now that goes past nodes that can't be read, as if they were
    /// not there, and says so each time.
    ///
    /// @param listener null for a reader that fails where it meets damage
    public BTree tolerant(Loss.@Nullable Listener listener) {
        BTree reader = reader(source);
        reader.losses = listener;
        return reader;
    }

    /// Whether a cursor may go past a child that can't be read; tells the listener.
    ///
    /// @param end the lowest key behind the child
    boolean passes(Node node, int slot, Loss.Bound end, IOException why) {
        Loss.Listener told = losses;
        if (told == null) {
            return false;
        }
        told.lost(
                new Loss(
                        owner, pointer(node, slot), node.level() - 1, bound(node, slot), end, why));
        return true;
    }

    static Loss.Bound bound(Node node, int slot) {
        int at = NodePage.slotPosition(slot, NodePage.slotBytes(node.page()));
        return new Loss.Bound(
                NodePage.inode(node.page(), at),
                NodePage.kind(node.page(), at),
                NodePage.offset(node.page(), at));
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
        return writer == null ? 0 : writer.txg();
    }

    /// Nodes that the open group has made or copied.
    public int ownedCount() {
        return writer == null ? 0 : writer.ownedCount();
    }

    /// Nodes of the whole tree.
    public long nodeCount() {
        return writer == null ? 0 : writer.nodeCount();
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
        writer().put(inode, kind, offset, value, from, lengthBytes);
    }

    /// Gives an existing item another value of the same length. Unlike {@link #put} this never
    /// splits a node, not even one on the way that is full: with the path already owned it makes no
    /// node at all.
    public void replace(long inode, int kind, long offset, byte[] value) throws IOException {
        writer().replace(inode, kind, offset, value);
    }

    /// Removes an item. Cursors of this tree are void afterwards.
    ///
    /// @return false when there was none; nothing is copied then
    public boolean remove(long inode, int kind, long offset) throws IOException {
        if (!find(cursor(), inode, kind, offset)) {
            return false;
        }
        writer().remove(inode, kind, offset);
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
        writer().beginTxg(openTxg);
    }

    /// Puts the committed root in the place of the frozen one unless the tree has changed since.
    public void committed(OwnedNode frozenRoot) {
        if (root == frozenRoot) {
            root = Objects.requireNonNull(frozenRoot.committed(), "the root was not committed");
        }
    }

    /// The child of a slot, from memory, the cache or the device.
    public Node child(Node node, int slot) throws IOException {
        if (node instanceof OwnedNode owned) {
            Node inMemory = owned.childInMemory(slot);
            if (inMemory != null) {
                return inMemory;
            }
        }
        Node child = source.read(pointer(node, slot), node.level() - 1);
        if (child.itemCount() > 0
                && ((slot > 0 && KeyBounds.compareFirst(child, node, slot) < 0)
                        || (slot + 1 < node.itemCount()
                                && KeyBounds.compareLast(child, node, slot + 1) >= 0))) {
            throw KeyBounds.outOfBounds(child, owner);
        }
        return child;
    }

    private static BlockPointer pointer(Node node, int slot) {
        return node instanceof OwnedNode owned
                ? owned.pointer(slot)
                : NodePage.pointer(
                        node.page(), NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES));
    }

    /// Puts another root in place, for the writer.
    void setRoot(@Nullable Node newRoot) {
        root = newRoot;
    }

    private TreeWriter writer() {
        TreeWriter mine = writer;
        if (mine == null) {
            throw new IllegalStateException("tree " + owner + " is read-only");
        }
        return mine;
    }
}
