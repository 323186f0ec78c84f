package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.block.NodeStore;
import cowfs.check.BlockLedger.Role;
import cowfs.format.BlockPointer;
import cowfs.format.NodePage;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import cowfs.txn.Rebuild;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The first half of mending a file tree: leaves out what can't be read, and moves nodes that lie
/// badly to new places.
///
/// ```
///        R                    R'          B is unreadable: R' is R without it
///      / | \                /   \         C has a bad copy: C' is C in a new place
///     A  B  C              A     C'       A is as it was, shared with whoever shared it
/// ```
///
/// A node that is not changed, nor anything below it, keeps its place. Each node is looked at once,
/// however many trees share it, and gets one successor: what was shared stays shared. Nothing that
/// the old state reaches is written to.
///
/// What comes out can be read as a whole, with all keys within their bounds. Memory: about 300
/// bytes for each node. Not thread safe.
final class TreePruner {
    private final Superblock superblock;
    private final Rebuild rebuild;
    private final NodeStore nodes;
    private final int nodeBlocks;
    private final BlockLedger claims;
    private final Map<Long, Pruned> known = new HashMap<>();
    private long movedCount;

    /// What has become of a subtree.
    ///
    /// @param was the pointer that led to it
    /// @param now the pointer to its successor, or the same; null when nothing is left
    /// @param lowest the lowest key that is left, separators included
    record Pruned(
            BlockPointer was,
            int level,
            @Nullable BlockPointer now,
            @Nullable Key lowest,
            @Nullable Key highest,
            List<KeyRange> lost) {
        boolean isWithin(Key lower, @Nullable Key upper) {
            return lowest == null
                    || highest == null
                    || (lowest.compareTo(lower) >= 0
                            && (upper == null || highest.compareTo(upper) < 0));
        }
    }

    TreePruner(Superblock superblock, Rebuild rebuild) {
        this.superblock = superblock;
        this.rebuild = rebuild;
        this.nodes = rebuild.nodes();
        this.nodeBlocks = nodes.nodeBlocks();
        this.claims = new BlockLedger(superblock.deviceBlocks());
        CheckRun.claimSuperblocks(claims, superblock);
    }

    /// Where nodes and superblocks were found: no file data can lie there.
    BlockLedger claims() {
        return claims;
    }

    /// Nodes that were written anew.
    long movedCount() {
        return movedCount;
    }

    Pruned prune(long tree, BlockPointer root, int level) throws IOException {
        if (root.isNone()) {
            return new Pruned(root, level, null, null, null, List.of());
        }
        return prune(tree, root, level, superblock.txg(), Key.MIN, null);
    }

    private Pruned prune(
            long tree,
            BlockPointer pointer,
            int level,
            long maxBirth,
            Key lower,
            @Nullable Key upper)
            throws IOException {
        boolean hasCopy = pointer.copyAddress() != 0;
        if (level < 0
                || level > NodePage.MAX_LEVEL
                || !claims.isInside(pointer.address(), nodeBlocks)) {
            return lost(pointer, level, lower, upper);
        }
        Pruned before = known.get(pointer.address());
        if (before != null) {
            boolean same =
                    before.was.equals(pointer)
                            && before.level == level
                            && before.isWithin(lower, upper);
            return same ? before : lost(pointer, level, lower, upper);
        }
        boolean own =
                claims.claim(pointer.address(), nodeBlocks, Role.NODE_START, Role.NODE_REST) < 0;
        if (hasCopy) {
            own &=
                    claims.isInside(pointer.copyAddress(), nodeBlocks)
                            && claims.claim(pointer.copyAddress(), nodeBlocks, Role.COPY, Role.COPY)
                                    < 0;
        }
        CommittedNode primary = read(pointer, pointer.address(), level);
        CommittedNode copy = hasCopy ? read(pointer, pointer.copyAddress(), level) : primary;
        CommittedNode node = primary != null ? primary : copy;
        Pruned done;
        if (node == null) {
            done = lost(pointer, level, lower, upper);
        } else {
            boolean move =
                    !own
                            || primary == null
                            || copy == null
                            || hasCopy != (superblock.metadataCopies() == 2)
                            || pointer.birthTxg() <= 0
                            || pointer.birthTxg() > maxBirth
                            || NodePage.owner(node.page()) < TreeId.FIRST_SUBVOLUME;
            done =
                    level == 0
                            ? leaf(tree, node, move, lower, upper)
                            : interior(tree, node, move, lower, upper);
        }
        known.put(pointer.address(), done);
        return done;
    }

    private static Pruned lost(BlockPointer pointer, int level, Key lower, @Nullable Key upper) {
        return new Pruned(pointer, level, null, null, null, List.of(new KeyRange(lower, upper)));
    }

    private @Nullable CommittedNode read(BlockPointer pointer, long address, int level) {
        try {
            return nodes.readCopy(pointer, address, level);
        } catch (IOException bad) {
            return null;
        }
    }

    private Pruned leaf(long tree, CommittedNode node, boolean move, Key lower, @Nullable Key upper)
            throws IOException {
        byte[] page = node.page();
        List<Integer> kept = new ArrayList<>();
        for (int slot = 0; slot < node.itemCount(); slot++) {
            if (new KeyRange(lower, upper).contains(keyAt(page, slot))) {
                kept.add(slot);
            }
        }
        BlockPointer now = node.pointer();
        if (kept.size() < node.itemCount()) {
            now = write(tree, leafOf(node, kept));
        } else if (move) {
            now = write(tree, page.clone());
        }
        boolean empty = kept.isEmpty();
        return new Pruned(
                node.pointer(),
                0,
                now,
                empty ? null : keyAt(page, kept.getFirst()),
                empty ? null : keyAt(page, kept.getLast()),
                List.of());
    }

    private byte[] leafOf(CommittedNode node, List<Integer> slots) {
        byte[] from = node.page();
        byte[] page = new byte[from.length];
        NodePage.initialise(page, 0, NodePage.owner(from), nodes.uuid());
        int heap = page.length;
        for (int i = 0; i < slots.size(); i++) {
            int old = NodePage.slotPosition(slots.get(i), NodePage.LEAF_SLOT_BYTES);
            int at = NodePage.slotPosition(i, NodePage.LEAF_SLOT_BYTES);
            int length = NodePage.valueLength(from, old);
            heap -= length;
            System.arraycopy(from, NodePage.valuePosition(from, old), page, heap, length);
            NodePage.setKey(
                    page,
                    at,
                    NodePage.inode(from, old),
                    NodePage.kind(from, old),
                    NodePage.offset(from, old));
            NodePage.setValue(page, at, heap, length);
        }
        NodePage.setItemCount(page, slots.size());
        NodePage.setHeapStart(page, heap);
        return page;
    }

    private Pruned interior(
            long tree, CommittedNode node, boolean move, Key lower, @Nullable Key upper)
            throws IOException {
        byte[] page = node.page();
        int count = node.itemCount();
        byte[] next = new byte[page.length];
        NodePage.initialise(next, node.level(), NodePage.owner(page), nodes.uuid());
        List<KeyRange> lost = new ArrayList<>();
        Key lowest = null;
        Key highest = null;
        boolean changed = move;
        int kept = 0;
        for (int slot = 0; slot < count; slot++) {
            Key key = keyAt(page, slot);
            Key childLower = slot == 0 ? lower : key;
            Key childUpper = slot + 1 < count ? keyAt(page, slot + 1) : upper;
            boolean inside = new KeyRange(lower, upper).contains(key);
            if (!inside && slot > 0) {
                changed = true;
                continue;
            }
            changed |= !inside;
            Key bound = inside ? key : lower;
            BlockPointer child =
                    NodePage.pointer(
                            page, NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES));
            Pruned below =
                    prune(
                            tree,
                            child,
                            node.level() - 1,
                            node.pointer().birthTxg(),
                            childLower,
                            childUpper);
            lost.addAll(below.lost);
            if (below.now == null) {
                changed = true;
                continue;
            }
            changed |= !below.now.equals(child);
            int at = NodePage.slotPosition(kept++, NodePage.INTERIOR_SLOT_BYTES);
            NodePage.setKey(next, at, bound.inode(), bound.kind(), bound.offset());
            NodePage.setPointer(next, at, below.now);
            lowest = lowest == null ? bound : lowest;
            highest = bound;
            if (below.lowest != null && below.lowest.compareTo(lowest) < 0) {
                lowest = below.lowest;
            }
            if (below.highest != null && below.highest.compareTo(highest) > 0) {
                highest = below.highest;
            }
        }
        if (kept == 0) {
            return lost(node.pointer(), node.level(), lower, upper);
        }
        NodePage.setItemCount(next, kept);
        BlockPointer now = changed ? write(tree, next) : node.pointer();
        return new Pruned(node.pointer(), node.level(), now, lowest, highest, List.copyOf(lost));
    }

    private BlockPointer write(long tree, byte[] page) throws IOException {
        movedCount++;
        return rebuild.write(page, tree);
    }

    private static Key keyAt(byte[] page, int slot) {
        return Key.at(page, NodePage.slotPosition(slot, NodePage.slotBytes(page)));
    }
}
