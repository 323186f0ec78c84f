package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import cowfs.format.ScrubDamageItem;
import cowfs.format.ScrubItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.TreeId;
import cowfs.txn.CommittedState;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One scrub of a pool from beginning to end, in steps, while the pool is written to.
///
/// Each step enters an epoch, takes the last durable state and goes on in it from the cursor: the
/// trees by their ids, each by its keys, at last what deleted trees still hold. Nothing that the
/// state reaches can be reused before the epoch is left, so a step must be short.
///
/// **What must be verified** is what was born when the scrub began, or before: everything younger
/// was written, with its checksum, while the scrub ran. The states of later steps hold the same old
/// blocks, or fewer, at the same keys: so what lies below the cursor stays done, whatever happens
/// to the tree. A clone that is made meanwhile has a higher id than all trees, and its turn comes.
///
/// **Each shared block once.** A bit is set for each old node that was verified, another when all
/// below it is done, and one for each old data block. An address that is used again holds something
/// young, which is not held against the bits; a young node is always walked through, for it may
/// name old ones.
///
/// **After a crash** the bits are gone and the cursor is some seconds old. The new pass walks from
/// the beginning to the cursor through one good copy of each node, without reading data, to set the
/// bits again; that costs the metadata of what was done.
///
/// What is read and how: {@link CopyScrub} and {@link ExtentScrub}. Memory: {@link BlockBits}
/// twice, the listed damage, and one buffer of 512 KiB. Not thread safe.
final class ScrubPass {
    /// Comes after all trees: references that deleted trees have still to drop.
    private static final long RECLAIMED = Long.MAX_VALUE;

    private final PoolStore store;
    private final NodeStore nodes;
    private final BlockBits done;
    private final BlockBits verified;
    private final long startTxg;
    private final long startedSeconds;
    private final ScrubTally tally = new ScrubTally();
    private final CopyScrub copies;
    private final ExtentScrub extents;
    private CommittedState state;
    private long tree;
    private Key cursor = Key.MIN;
    private long knownTree;
    private Key knownKey = Key.MIN;
    private boolean replaying;
    private boolean finished;
    private long budget;

    /// A new pass over everything that is durable now.
    ScrubPass(PoolStore store, long nowSeconds) {
        this(store, store.state().txg(), nowSeconds);
    }

    /// Goes on where an earlier pass stood, in this process or another.
    ///
    /// @param damage what that one has listed
    ScrubPass(PoolStore store, ScrubItem last, List<ScrubDamageItem> damage) {
        this(store, last.startTxg(), last.startedSeconds());
        knownTree = last.cursorTree();
        knownKey = new Key(last.cursorInode(), last.cursorKind(), last.cursorOffset());
        replaying = true;
        tally.resume(last, damage);
    }

    private ScrubPass(PoolStore store, long startTxg, long startedSeconds) {
        this.store = store;
        this.nodes = store.nodes();
        this.done = new BlockBits(nodes.deviceBlocks());
        this.verified = new BlockBits(nodes.deviceBlocks());
        this.startTxg = startTxg;
        this.startedSeconds = startedSeconds;
        this.state = store.state();
        this.copies = new CopyScrub(store, tally);
        this.extents = new ExtentScrub(store.device(), nodes, done, startTxg, tally);
    }

    boolean isFinished() {
        return finished;
    }

    ScrubTally tally() {
        return tally;
    }

    long startedSeconds() {
        return startedSeconds;
    }

    /// What the root tree is to remember. While the bits are set again that is the old cursor.
    ScrubItem toItem(long nowSeconds) {
        Key key = replaying ? knownKey : cursor;
        return new ScrubItem(
                finished,
                startTxg,
                startedSeconds,
                nowSeconds,
                replaying ? knownTree : tree,
                key.inode(),
                key.kind(),
                key.offset(),
                tally.verifiedBlocks(),
                tally.repairedCount(),
                tally.lostCount());
    }

    /// Goes on for about so many blocks.
    ///
    /// @return the blocks that were read
    long step(long blocks) throws IOException {
        budget = blocks;
        long epoch = store.epochs().enter();
        try {
            state = store.state();
            while (budget > 0 && !finished) {
                if (walkTree()) {
                    nextTree();
                }
            }
        } finally {
            store.epochs().leave(epoch);
        }
        return blocks - budget;
    }

    // ---- trees

    private void nextTree() throws IOException {
        cursor = Key.MIN;
        if (tree == RECLAIMED) {
            finished = true;
            replaying = false;
            return;
        }
        Long next = tree < TreeId.SPACE ? Long.valueOf(tree + 1) : nextSubvolume(tree);
        tree = next == null ? RECLAIMED : next;
        if (replaying && tree > knownTree) {
            replaying = false;
        }
    }

    private @Nullable Long nextSubvolume(long after) throws IOException {
        Cursor items = store.rootTreeOf(state).cursor();
        for (boolean more = items.seek(after + 1, 0, 0); more; more = items.next()) {
            if (items.kind() == ItemKind.SUBVOLUME.number()) {
                return items.inode();
            }
        }
        return null;
    }

    /// @return whether the tree is done, false when the step is
    private boolean walkTree() throws IOException {
        if (tree == 0) {
            return true;
        }
        if (tree == TreeId.ROOT) {
            return walk(state.superblock().root(), state.superblock().rootLevel());
        }
        if (tree == RECLAIMED) {
            return walkReclaimed();
        }
        boolean files = tree >= TreeId.FIRST_SUBVOLUME;
        ItemKind kind = files ? ItemKind.SUBVOLUME : ItemKind.TREE_ROOT;
        BTree rootTree = store.rootTreeOf(state);
        Cursor item = rootTree.cursor();
        if (!rootTree.find(item, tree, kind.number(), 0)) {
            return true; // deleted meanwhile
        }
        String where = "tree=" + tree;
        if (files) {
            SubvolumeItem found =
                    SubvolumeItem.readFrom(item.page(), item.position(), item.lengthBytes(), where);
            return walk(found.root(), found.rootLevel());
        }
        NodeRefItem found =
                NodeRefItem.readFrom(item.page(), item.position(), item.lengthBytes(), where);
        return walk(found.pointer(), found.level());
    }

    /// There is no cursor in here: what is done is passed over by its bits. A young node of a
    /// deleted tree is not worth a walk, it goes soon.
    private boolean walkReclaimed() throws IOException {
        Cursor items = store.rootTreeOf(state).cursor();
        for (boolean more = items.seek(0, 0, 0); more; more = items.next()) {
            if (items.kind() == ItemKind.RECLAIM.number()) {
                NodeRefItem item =
                        NodeRefItem.readFrom(
                                items.page(), items.position(), items.lengthBytes(), "reclaim");
                cursor = Key.MIN;
                if (!walk(item.pointer(), item.level())) {
                    return false;
                }
            }
        }
        return true;
    }

    // ---- nodes

    private boolean walk(BlockPointer pointer, int level) throws IOException {
        boolean old = pointer.birthTxg() <= startTxg;
        boolean pass = tree == RECLAIMED && !old;
        if (pointer.isNone() || pass || (old && done.get(pointer.address()))) {
            return true;
        }
        CommittedNode node = open(pointer, level, old);
        if (node == null || walkItems(node)) {
            if (old) {
                done.set(pointer.address());
            }
            return true;
        }
        return false;
    }

    private boolean walkItems(CommittedNode node) throws IOException {
        byte[] page = node.page();
        if (node.isLeaf()) {
            return walkLeaf(node);
        }
        // behind the child that holds the cursor all are walked from their start: it is below them
        int first = node.childSlot(cursor.inode(), cursor.kind(), cursor.offset());
        for (int slot = first; slot < node.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
            if (!walk(NodePage.pointer(page, at), node.level() - 1)) {
                return false;
            }
        }
        return true;
    }

    private boolean walkLeaf(CommittedNode node) throws IOException {
        byte[] page = node.page();
        int count = node.itemCount();
        int slot =
                NodePage.lowerBound(
                        page,
                        NodePage.LEAF_SLOT_BYTES,
                        cursor.inode(),
                        cursor.kind(),
                        cursor.offset());
        for (; slot < count; slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            Key key = Key.at(page, at);
            if (replaying && tree == knownTree && key.compareTo(knownKey) >= 0) {
                replaying = false;
            }
            if (tree >= TreeId.FIRST_SUBVOLUME && key.kind() == ItemKind.CONTENT.number()) {
                budget -=
                        extents.scrub(
                                tree,
                                key,
                                page,
                                NodePage.valuePosition(page, at),
                                NodePage.valueLength(page, at),
                                replaying);
            }
            cursor = after(key);
            if (budget <= 0) {
                return false;
            }
        }
        return true;
    }

    private static Key after(Key key) {
        if (key.offset() != -1) {
            return new Key(key.inode(), key.kind(), key.offset() + 1);
        }
        return key.kind() < 255
                ? new Key(key.inode(), key.kind() + 1, 0)
                : new Key(key.inode() + 1, 0, 0);
    }

    /// The node, verified as far as it is old and was not before; null when no copy is good.
    private @Nullable CommittedNode open(BlockPointer pointer, int level, boolean old)
            throws IOException {
        if (!old || verified.get(pointer.address())) {
            return copies.readAny(pointer, level);
        }
        verified.set(pointer.address());
        if (replaying) {
            CommittedNode known = copies.readAny(pointer, level);
            budget -= nodes.nodeBlocks();
            if (known == null || !isUnknown(known)) {
                return known;
            }
            replaying = false;
        }
        budget -= copies.blocks(pointer);
        return copies.scrub(state, pointer, level, tree, cursor.inode());
    }

    private boolean isUnknown(CommittedNode node) {
        return tree == knownTree
                && node.itemCount() > 0
                && Key.at(node.page(), NodePage.slotPosition(0, NodePage.slotBytes(node.page())))
                                .compareTo(knownKey)
                        >= 0;
    }
}
