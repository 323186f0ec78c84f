package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.alloc.Refcounts;
import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.error.CorruptException;
import cowfs.format.BlockPointer;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Reference counting: what an event or a deletion does to the counts, and which blocks it frees.
///
/// When a tree puts a copy in the place of a node that it shares, the node has one reference less
/// and each child (a node or an extent) one more: now both name it. A node that only this tree
/// reaches is freed and its children pass to the copy with their counts as they are. "Only this
/// tree" is certain without a look at the counts when the node is younger than the tree's last
/// snapshot.
///
/// Dropping a reference to a node that has others only counts down. The last reference takes the
/// node and, in turn, its references to its children with it.
///
/// Used by the commit, on one thread.
final class Replay {
    private final NodeStore nodes;
    private final Refcounts refcounts;
    private final List<Range> freedNodes = new ArrayList<>();
    private final List<Range> freedData = new ArrayList<>();

    Replay(NodeStore nodes, Refcounts refcounts) {
        this.nodes = nodes;
        this.refcounts = refcounts;
    }

    List<Range> freedNodes() {
        return freedNodes;
    }

    List<Range> freedData() {
        return freedData;
    }

    /// Applies what the operations of a transaction group noted.
    void apply(List<TxgLog.Event> events) throws IOException {
        for (TxgLog.Event event : events) {
            switch (event) {
                case TxgLog.Shadowed shadowed ->
                        shadowed(shadowed.tree(), committed(shadowed.old()));
                case TxgLog.Dropped dropped -> dropExtent(dropped.address(), dropped.blockCount());
                case TxgLog.Shared shared ->
                        refcounts.increment(shared.address(), shared.blockCount());
            }
        }
    }

    /// Takes away one reference to an extent's blocks.
    void dropExtent(long address, int blockCount) throws IOException {
        refcounts.decrement(
                address, blockCount, (freed, count) -> freedData.add(new Range(freed, count)));
    }

    /// Frees both copies of a node that nothing names any more.
    void freeNode(BlockPointer pointer) {
        freedNodes.add(new Range(pointer.address(), nodes.nodeBlocks()));
        if (pointer.copyAddress() != 0) {
            freedNodes.add(new Range(pointer.copyAddress(), nodes.nodeBlocks()));
        }
    }

    /// Takes one of several references to a node away.
    ///
    /// @return false when it has only one: then nothing was done
    boolean releaseShared(BlockPointer pointer) throws IOException {
        if (refcounts.count(pointer.address()) < 2) {
            return false;
        }
        refcounts.decrement(
                pointer.address(),
                nodes.nodeBlocks(),
                (freed, count) -> {
                    throw new CorruptException(
                            "refcount", "block=" + freed, "a node's blocks have unequal counts");
                });
        return true;
    }

    private void shadowed(FileTree tree, CommittedNode old) throws IOException {
        BlockPointer pointer = old.pointer();
        if (pointer.birthTxg() > tree.lastSnapshotTxg() || !releaseShared(pointer)) {
            freeNode(pointer);
            return;
        }
        byte[] page = old.page();
        int slotBytes = NodePage.slotBytes(page);
        for (int slot = 0; slot < old.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, slotBytes);
            if (!old.isLeaf()) {
                refcounts.increment(NodePage.pointer(page, at).address(), nodes.nodeBlocks());
            } else if (namesExtent(page, at)) {
                int value = NodePage.valuePosition(page, at);
                refcounts.increment(
                        ContentItem.ADDRESS.get(page, value), ContentItem.diskBlocks(page, value));
            }
        }
    }

    /// Whether the item of a leaf slot holds references to data blocks. Checks the item first.
    static boolean namesExtent(byte[] page, int slotPosition) throws CorruptException {
        if (NodePage.kind(page, slotPosition) != ItemKind.CONTENT.number()) {
            return false;
        }
        int value = NodePage.valuePosition(page, slotPosition);
        String problem = ContentItem.check(page, value, NodePage.valueLength(page, slotPosition));
        if (problem != null) {
            throw new CorruptException(
                    "content",
                    "block="
                            + NodePage.address(page)
                            + " inode="
                            + NodePage.inode(page, slotPosition)
                            + " offset="
                            + NodePage.offset(page, slotPosition),
                    problem);
        }
        return ContentItem.namesBlocks(page, value);
    }

    private static CommittedNode committed(Node old) {
        return switch (old) {
            case CommittedNode done -> done;
            case OwnedNode frozen ->
                    Objects.requireNonNull(
                            frozen.committed(), "a node of an earlier group has no address");
        };
    }
}
