package cowfs.check;

import cowfs.alloc.Refcounts;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.SubvolumeItem;
import cowfs.subvol.Subvolume;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// The *cow bytes* of snapshots: of what a snapshot reaches, the bytes that no subvolume reaches
/// any more. They were replaced or removed since, and are kept because this snapshot, or it and
/// others, hold them.
///
/// Together the snapshots keep what deleting all of them would free, which a {@link SpaceUsageWalk}
/// over all finds. How much of that each one reaches follows from the one before: nodes are never
/// changed, so where the next tree has a node that the last one has, all below it is the same.
///
/// ```
///       monday      tuesday       enter tuesday: T, B2 are new; A stays, and is not looked into
///         M            T          leave monday:  M and B go;    A stays, and is not looked into
///        / \          / \
///       A   B        A   B2
/// ```
///
/// Cost: the nodes that are kept by snapshots alone, once, and then what each snapshot has changed
/// against the one before. Memory: a few bytes for each block that is kept so, see {@link
/// BlockTable}. One thread.
public final class CowBytesWalk {
    /// Marks of nodes.
    private static final int HELD = 1;

    /// Of the topmost node of what the next snapshot has as well.
    private static final int STAYS = 2;

    private final CountedTrees trees;
    private final SpaceUsageWalk kept;

    /// Marks of the nodes of the tree that the walk is at; for its data blocks with several
    /// references, how many of its items name each.
    private final BlockTable held;

    private long dataBlocks;
    private long nodeCount;

    private CowBytesWalk(CountedTrees trees, SpaceUsageWalk kept) {
        this.trees = trees;
        this.kept = kept;
        this.held = new BlockTable(trees.superblock().deviceBlocks());
    }

    /// The cow bytes of the snapshots that are wanted, by tree id; subvolumes have none.
    public static Map<Long, Long> of(CountedTrees trees, Predicate<Subvolume> wanted)
            throws IOException {
        List<Subvolume> snapshots =
                trees.list().all().stream().filter(Subvolume::isSnapshot).toList();
        Map<Long, Long> bytes = new HashMap<>();
        if (snapshots.stream().noneMatch(wanted)) {
            return bytes;
        }
        SpaceUsageWalk kept =
                SpaceUsageWalk.over(trees, snapshots.stream().map(Subvolume::treeId).toList());
        CowBytesWalk walk = new CowBytesWalk(trees, kept);
        SubvolumeItem last = null;
        for (Subvolume snapshot : snapshots) { // each has most in common with the one before
            if (wanted.test(snapshot)) {
                SubvolumeItem next = snapshot.item();
                if (!next.root().isNone()) {
                    walk.enter(next.root(), next.rootLevel());
                }
                if (last != null && !last.root().isNone()) {
                    walk.leave(last.root(), last.rootLevel());
                }
                bytes.put(snapshot.treeId(), trees.bytes(walk.dataBlocks, walk.nodeCount));
                last = next;
            }
        }
        return bytes;
    }

    private boolean isKept(BlockPointer pointer) throws IOException {
        return kept.frees(pointer.address(), trees.references(pointer));
    }

    private void enter(BlockPointer pointer, int level) throws IOException {
        if (!isKept(pointer)) {
            return; // a subvolume has it, with all below
        }
        boolean known = held.get(pointer.address()) != 0;
        held.set(pointer.address(), known ? STAYS : HELD);
        if (!known) {
            nodeCount++;
            forEachChild(pointer, level, this::enter, this::enterPiece);
        }
    }

    private void leave(BlockPointer pointer, int level) throws IOException {
        int mark = isKept(pointer) ? held.get(pointer.address()) : 0;
        if (mark == STAYS) {
            held.set(pointer.address(), HELD);
        } else if (mark == HELD) {
            held.set(pointer.address(), 0);
            nodeCount--;
            forEachChild(pointer, level, this::leave, this::leavePiece);
        }
    }

    private interface NodeVisitor {
        void node(BlockPointer pointer, int level) throws IOException;
    }

    private void forEachChild(
            BlockPointer pointer, int level, NodeVisitor children, Refcounts.PieceVisitor pieces)
            throws IOException {
        byte[] page = trees.node(pointer, level).page();
        int slotBytes = NodePage.slotBytes(page);
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            if (level > 0) {
                children.node(NodePage.pointer(page, at), level - 1);
            } else if (NodePage.kind(page, at) == ItemKind.CONTENT.number()) {
                trees.forEachPiece(page, at, pieces);
            }
        }
    }

    private void enterPiece(long address, long blockCount, int references) {
        if (references == 1) {
            dataBlocks += blockCount;
            return;
        }
        for (long block = address; block < address + blockCount; block++) {
            if (kept.frees(block, references)) {
                int items = held.get(block);
                dataBlocks += items == 0 ? 1 : 0;
                held.set(block, items + 1);
            }
        }
    }

    private void leavePiece(long address, long blockCount, int references) {
        if (references == 1) {
            dataBlocks -= blockCount;
            return;
        }
        for (long block = address; block < address + blockCount; block++) {
            if (kept.frees(block, references)) {
                int items = held.get(block);
                dataBlocks -= items == 1 ? 1 : 0;
                held.set(block, Math.max(0, items - 1));
            }
        }
    }
}
