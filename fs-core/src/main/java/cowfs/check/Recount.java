package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.block.NodeStore;
import cowfs.check.BlockLedger.Role;
import cowfs.format.BlockPointer;
import cowfs.format.ContentItem;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The counting of what file trees that are sound hold: their blocks into a {@link BlockLedger},
/// their sums into the items of their subvolumes.
final class Recount {
    private final BlockLedger ledger;

    Recount(BlockLedger ledger) {
        this.ledger = ledger;
    }

    /// Counts what the superblocks and the file trees hold.
    ///
    /// @param next the superblock of the state that is being made, as far as it is known
    /// @param roots by tree id; none for an empty tree
    /// @return the items that the subvolumes are to have
    NavigableMap<Long, SubvolumeItem> count(
            NodeStore nodes,
            Superblock next,
            Map<Long, SubvolumeItem> subvolumes,
            Map<Long, CommittedNode> roots) {
        CheckRun.claimSuperblocks(ledger, next);
        Findings unused = new Findings();
        NodeWalk walk =
                new NodeWalk(
                        next,
                        new NodeReader(nodes, unused),
                        ledger,
                        SharedBlocks.unreadable(),
                        unused,
                        new Progress((done, total) -> {}, 1));
        TreeMap<Long, SubvolumeItem> items = new TreeMap<>();
        subvolumes.forEach(
                (id, item) -> {
                    CommittedNode root = roots.get(id);
                    FileSummary summary =
                            root == null
                                    ? new FileSummary()
                                    : walk.walk(
                                            new TreeContext(
                                                    id, TreeContext.Kind.FILES, Long.MAX_VALUE),
                                            root.pointer(),
                                            root.level(),
                                            this::count);
                    items.put(
                            id,
                            item.withTree(
                                    root == null ? BlockPointer.NONE : root.pointer(),
                                    root == null ? 0 : root.level(),
                                    next.txg(),
                                    Math.max(item.nextInode(), summary.highestInode() + 1),
                                    summary.referencedBlocks(),
                                    summary.nodeCount(),
                                    summary.inodeCount()));
                });
        return items;
    }

    private void count(CommittedNode leaf, FileSummary summary) {
        byte[] page = leaf.page();
        for (int slot = 0; slot < leaf.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            int position = NodePage.valuePosition(page, at);
            int kind = NodePage.kind(page, at);
            if (kind == ItemKind.INODE.number()) {
                summary.inode(
                        NodePage.inode(page, at),
                        InodeItem.MODE.get(page, position),
                        InodeItem.SIZE_BYTES.get(page, position));
            } else if (kind == ItemKind.CONTENT.number()
                    && ContentItem.namesBlocks(page, position)) {
                long address = ContentItem.ADDRESS.get(page, position);
                int blocks = ContentItem.diskBlocks(page, position);
                summary.addReferencedBlocks(ContentItem.chargedBlocks(page, position));
                for (long block = address; block < address + blocks; block++) {
                    if (ledger.role(block) == Role.NONE) {
                        ledger.claim(block, Role.DATA);
                    } else {
                        ledger.addReferences(block, 1);
                    }
                }
            }
        }
    }
}
