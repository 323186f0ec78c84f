package cowfs.txn;

import cowfs.alloc.Refcounts;
import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.BlockPointer;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock.Features;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What a {@link CommitStep} works with: the pool's own trees as they will be in the state that is
/// being committed.
///
/// Valid inside the step only, on the committing thread.
public final class CommitContext {
    /// A reference to a node with its slot.
    private static final int STACK_ITEM_BYTES = 96;

    private static final System.Logger LOG = System.getLogger("cowfs.txn");

    private final PoolStore store;
    private final Commit commit;
    private final Replay replay;

    CommitContext(PoolStore store, Commit commit, Replay replay) {
        this.store = store;
        this.commit = commit;
        this.replay = replay;
    }

    /// The transaction group that is being committed.
    public long txg() {
        return commit.txg();
    }

    public BTree rootTree() {
        return store.trees().root();
    }

    public Refcounts refcounts() {
        return store.trees().refcounts();
    }

    public NodeStore nodes() {
        return store.nodes();
    }

    /// A tree id that was never used before.
    public long newTreeId() {
        return store.takeTreeId();
    }

    /// The item of a subvolume or snapshot; null when there is none with that id.
    public @Nullable SubvolumeItem lookupSubvolume(long treeId) throws IOException {
        Cursor cursor = rootTree().cursor();
        if (!rootTree().find(cursor, treeId, ItemKind.SUBVOLUME.number(), 0)) {
            return null;
        }
        return SubvolumeItem.readFrom(
                cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + treeId);
    }

    /// Notes that the state has something that not every version of the format knows.
    public void needs(Features features) {
        commit.needs(features);
    }

    /// Gives the image another size from this state on. The device has had the larger of the two
    /// all along.
    ///
    /// @throws RequestException `NO_SPACE` when what is to go is in use; nothing was done then
    void resize(long deviceBlocks) throws IOException {
        store.trees().resize(deviceBlocks, store.copies());
    }

    /// Stores the item of a subvolume or snapshot.
    public void putSubvolume(long treeId, SubvolumeItem item) throws IOException {
        item.validate("tree=" + treeId);
        needs(item.features());
        rootTree().put(treeId, ItemKind.SUBVOLUME.number(), 0, item.toBytes());
    }

    /// Adds a reference to the root of a file tree, so that another subvolume or snapshot can name
    /// it.
    public void shareRoot(SubvolumeItem item) throws IOException {
        if (!item.root().isNone()) {
            refcounts().increment(item.root().address(), nodes().nodeBlocks());
        }
    }

    /// Notes that the nodes that a tree has now are shared from this transaction group on.
    public void raiseLastSnapshotTxg(long treeId) throws IOException {
        FileTree open = store.lookupOpenTree(treeId);
        if (open != null) {
            open.raiseLastSnapshotTxg(txg());
        }
        SubvolumeItem item = lookupSubvolume(treeId);
        if (item == null) {
            throw new CorruptException(
                    "root tree", "tree=" + treeId, "a shared subvolume has no item");
        }
        putSubvolume(treeId, item.withLastSnapshotTxg(txg()));
    }

    /// Writes the tree of a new subvolume as `body` fills it, and returns the item with its root.
    public SubvolumeItem createTree(long treeId, SubvolumeItem item, TreeChange<?> body)
            throws IOException {
        return commit.createTree(treeId, item, body);
    }

    /// Takes away one reference to a node. When it was the last one the node is freed and
    /// `children` gets its references to its children.
    ///
    /// Where no copy of such a node is good, nobody knows what it led to: that stays in use until
    /// the image is repaired. It is told and no error, for the damage is not the business of the
    /// others whose changes are in the group.
    ///
    /// @return how many references went, those to extents included; 0 when the pool has no room to
    ///   note that: nothing was done then
    /// @throws RequestException `IO` when the device can't read the node now: nothing was done
    public int dropNode(BlockPointer pointer, int level, ChildVisitor children) throws IOException {
        if (!commit.hasRoomFor(commit.nodesTouched(1))) {
            return 0;
        }
        if (replay.releaseShared(pointer)) {
            return 1;
        }
        // the tree may have changed in the very group that deletes it
        commit.writePlaced();
        byte[] page;
        int extents;
        try {
            page = nodes().read(pointer, level).page();
            extents = level > 0 ? 0 : extents(page);
        } catch (CorruptException damaged) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "a node of what was deleted is damaged, and what it led to stays in use until"
                            + " ''cowfs check --repair'': {0}",
                    damaged.getMessage());
            replay.freeNode(pointer);
            return 1;
        } catch (IOException unreadable) {
            throw new RequestException(
                    ErrorKind.IO, String.valueOf(unreadable.getMessage()), unreadable);
        }
        if (!commit.hasRoomFor(level > 0 ? stackNodes(page) : commit.nodesTouched(extents))) {
            return 0;
        }
        int slotBytes = NodePage.slotBytes(page);
        int dropped = 1;
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            if (level > 0) {
                children.child(NodePage.pointer(page, at), level - 1);
            } else if (Replay.namesExtent(page, at)) {
                int value = NodePage.valuePosition(page, at);
                replay.dropExtent(
                        ContentItem.ADDRESS.get(page, value), ContentItem.diskBlocks(page, value));
                dropped++;
            }
        }
        replay.freeNode(pointer);
        return dropped;
    }

    /// Nodes of the root tree that references to all children of a node take.
    private static long stackNodes(byte[] page) {
        return 2L * NodePage.itemCount(page) * STACK_ITEM_BYTES / page.length + 2;
    }

    private static int extents(byte[] page) throws CorruptException {
        int count = 0;
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            if (Replay.namesExtent(page, NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES))) {
                count++;
            }
        }
        return count;
    }

    /// Receives references to the children of a node that was freed.
    @FunctionalInterface
    public interface ChildVisitor {
        void child(BlockPointer pointer, int level) throws CorruptException;
    }
}
