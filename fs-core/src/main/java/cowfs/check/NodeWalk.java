package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.check.BlockLedger.Role;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.NodePage;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Walks trees down to their leaves, each node of the image once: verifies copies, identity,
/// bounds, levels, owners and births, counts the pointers to each node, and hands the leaves on.
///
/// What a subtree came to is kept where other pointers to it are expected, so that a thousand
/// snapshots cost one walk of what they share and one look at each of their own nodes. Memory:
/// about 400 bytes for each node with a record in the refcount tree.
///
/// It ends on any image: the level falls with every step and no node is walked twice. The depth of
/// the recursion is at most {@link NodePage#MAX_LEVEL}. Not thread safe.
final class NodeWalk {
    private final Superblock superblock;
    private final int nodeBlocks;
    private final NodeReader reader;
    private final BlockLedger ledger;
    private final SharedBlocks shared;
    private final Findings findings;
    private final Progress progress;
    private final Map<Long, Subtree> kept = new HashMap<>();
    private long nodeCount;

    /// Takes the leaves, each once.
    @FunctionalInterface
    interface LeafVisitor {
        /// @param summary of the leaf, empty so far
        void leaf(CommittedNode leaf, FileSummary summary);
    }

    NodeWalk(
            Superblock superblock,
            NodeReader reader,
            BlockLedger ledger,
            SharedBlocks shared,
            Findings findings,
            Progress progress) {
        this.superblock = superblock;
        this.nodeBlocks = superblock.nodeBytes() / Blocks.SIZE;
        this.reader = reader;
        this.ledger = ledger;
        this.shared = shared;
        this.findings = findings;
        this.progress = progress;
    }

    /// Nodes walked so far.
    long nodeCount() {
        return nodeCount;
    }

    /// Takes account of one more pointer to the root of a tree, or of a part of one, and walks what
    /// was not walked before.
    FileSummary walk(TreeContext tree, BlockPointer root, int level, LeafVisitor visitor) {
        if (root.isNone()) {
            return new FileSummary();
        }
        return walk(tree, root, level, superblock.txg(), Key.MIN, null, visitor).summary();
    }

    private Subtree walk(
            TreeContext tree,
            BlockPointer pointer,
            int level,
            long maxBirth,
            Key lower,
            @Nullable Key upper,
            LeafVisitor visitor) {
        if (!isPlausible(tree, pointer, level, maxBirth)) {
            return Subtree.lost(pointer, level);
        }
        boolean isShared = shared.contains(pointer.address());
        if (isShared && shared.isReadable() && pointer.birthTxg() > tree.lastSnapshotTxg()) {
            report(
                    DamageCode.SHARED_TOO_YOUNG,
                    tree,
                    pointer,
                    "its birth is txg "
                            + pointer.birthTxg()
                            + ", the tree's last snapshot was in txg "
                            + tree.lastSnapshotTxg());
        }
        if (ledger.role(pointer.address()) == Role.NODE_START) {
            ledger.addReferences(pointer.address(), nodeBlocks);
            return again(tree, pointer, level, lower, upper);
        }
        Subtree walked = walkNew(tree, pointer, level, lower, upper, visitor);
        if (isShared) {
            kept.put(pointer.address(), walked);
        }
        return walked;
    }

    /// A further pointer to a node.
    private Subtree again(
            TreeContext tree, BlockPointer pointer, int level, Key lower, @Nullable Key upper) {
        Subtree known = kept.get(pointer.address());
        if (known == null) {
            // Nobody may expect a second pointer here: the recount will say so.
            return Subtree.lost(pointer, level);
        }
        if (!known.pointer().equals(pointer) || known.level() != level) {
            report(
                    DamageCode.BAD_POINTER,
                    tree,
                    pointer,
                    "another pointer to it has birth "
                            + known.pointer().birthTxg()
                            + ", level "
                            + known.level()
                            + " and checksum "
                            + Long.toHexString(known.pointer().checksum()));
            return Subtree.lost(pointer, level);
        }
        return bounded(tree, known, lower, upper);
    }

    private Subtree bounded(TreeContext tree, Subtree walked, Key lower, @Nullable Key upper) {
        if (walked.isWithin(lower, upper)) {
            return walked;
        }
        report(
                DamageCode.KEY_OUT_OF_BOUNDS,
                tree,
                walked.pointer(),
                "keys "
                        + walked.lowest()
                        + " to "
                        + walked.highest()
                        + " leave the bounds "
                        + lower
                        + " to "
                        + (upper == null ? "the end" : upper));
        return Subtree.lost(walked.pointer(), walked.level());
    }

    private Subtree walkNew(
            TreeContext tree,
            BlockPointer pointer,
            int level,
            Key lower,
            @Nullable Key upper,
            LeafVisitor visitor) {
        if (!claim(tree, pointer, pointer.address(), Role.NODE_START, Role.NODE_REST)) {
            return Subtree.lost(pointer, level);
        }
        if (pointer.copyAddress() != 0) {
            claim(tree, pointer, pointer.copyAddress(), Role.COPY, Role.COPY);
        }
        CommittedNode node = reader.read(tree.id(), pointer, level);
        progress.add((long) nodeBlocks * superblock.metadataCopies());
        if (node == null) {
            return Subtree.lost(pointer, level);
        }
        nodeCount++;
        requireOwner(tree, node);
        FileSummary summary = new FileSummary();
        if (level == 0) {
            visitor.leaf(node, summary);
            summary.addNode();
            return bounded(tree, leafSubtree(node, summary), lower, upper);
        }
        // the node's own bounds first: a child is held against what this node promises
        return interior(tree, node, lower, upper, summary, visitor);
    }

    private static Subtree leafSubtree(CommittedNode node, FileSummary summary) {
        int count = node.itemCount();
        return new Subtree(
                node.pointer(),
                0,
                count == 0 ? null : keyAt(node, 0),
                count == 0 ? null : keyAt(node, count - 1),
                summary);
    }

    private Subtree interior(
            TreeContext tree,
            CommittedNode node,
            Key lower,
            @Nullable Key upper,
            FileSummary summary,
            LeafVisitor visitor) {
        int count = node.itemCount();
        ItemFindings items = new ItemFindings(findings, tree.id());
        Key lowest = keyAt(node, 0);
        Key highest = keyAt(node, count - 1);
        for (int slot = 0; slot < count; slot++) {
            Key childLower = slot == 0 ? lower : keyAt(node, slot);
            Key childUpper = slot + 1 < count ? keyAt(node, slot + 1) : upper;
            BlockPointer child = pointerAt(node, slot);
            Subtree below =
                    walk(
                            tree,
                            child,
                            node.level() - 1,
                            node.pointer().birthTxg(),
                            childLower,
                            childUpper,
                            visitor);
            summary.append(below.summary(), items);
            lowest = min(lowest, below.lowest());
            highest = max(highest, below.highest());
        }
        summary.addNode();
        return bounded(
                tree,
                new Subtree(node.pointer(), node.level(), lowest, highest, summary),
                lower,
                upper);
    }

    private boolean isPlausible(TreeContext tree, BlockPointer pointer, int level, long maxBirth) {
        boolean hasCopy = pointer.copyAddress() != 0;
        String problem = null;
        if (level < 0 || level > NodePage.MAX_LEVEL) {
            problem = "it has level " + level;
        } else if (!ledger.isInside(pointer.address(), nodeBlocks)
                || (hasCopy && !ledger.isInside(pointer.copyAddress(), nodeBlocks))) {
            problem = "it leaves the image, its copy is at block " + pointer.copyAddress();
        } else if (hasCopy != (superblock.metadataCopies() == 2)) {
            problem =
                    "its copy is at block "
                            + pointer.copyAddress()
                            + " in an image with "
                            + superblock.metadataCopies()
                            + " metadata copies";
        }
        if (problem != null) {
            report(DamageCode.BAD_POINTER, tree, pointer, problem);
            return false;
        }
        if (pointer.birthTxg() <= 0 || pointer.birthTxg() > maxBirth) {
            report(
                    DamageCode.WRONG_BIRTH,
                    tree,
                    pointer,
                    "its birth is txg "
                            + pointer.birthTxg()
                            + ", that of what points to it is txg "
                            + maxBirth);
        }
        return true;
    }

    private boolean claim(
            TreeContext tree, BlockPointer pointer, long address, Role first, Role rest) {
        long taken = ledger.claim(address, nodeBlocks, first, rest);
        if (taken < 0) {
            return true;
        }
        report(
                DamageCode.BLOCK_USED_TWICE,
                tree,
                pointer,
                "block " + taken + " is " + ledger.role(taken).words() + " too");
        return false;
    }

    private void requireOwner(TreeContext tree, CommittedNode node) {
        long owner = NodePage.owner(node.page());
        boolean files = tree.kind() == TreeContext.Kind.FILES;
        boolean right = files ? owner >= TreeId.FIRST_SUBVOLUME : owner == tree.id();
        if (!right) {
            report(
                    DamageCode.WRONG_OWNER,
                    tree,
                    node.pointer(),
                    "it was written for tree " + owner);
        }
    }

    private void report(DamageCode code, TreeContext tree, BlockPointer pointer, String reason) {
        findings.add(code, "node", "tree=" + tree.id() + " block=" + pointer.address(), reason);
    }

    private static Key keyAt(CommittedNode node, int slot) {
        return Key.at(node.page(), NodePage.slotPosition(slot, NodePage.slotBytes(node.page())));
    }

    private static BlockPointer pointerAt(CommittedNode node, int slot) {
        return NodePage.pointer(
                node.page(), NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES));
    }

    private static Key min(Key key, @Nullable Key other) {
        return other == null || key.compareTo(other) <= 0 ? key : other;
    }

    private static Key max(Key key, @Nullable Key other) {
        return other == null || key.compareTo(other) >= 0 ? key : other;
    }
}
