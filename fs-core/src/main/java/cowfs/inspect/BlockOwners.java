package cowfs.inspect;

import cowfs.block.CommittedNode;
import cowfs.check.InodePaths;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.SuperblockArea;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who owns a block: every tree that reaches it, as a node, as the copy of one, or as content of a
/// file.
///
/// There is no way back from a block to what names it, so this walks all trees, each node once. For
/// each node it is kept whether the block is below it (about 60 bytes a node); then each tree that
/// reaches the block is walked along the nodes that lead to it.
public final class BlockOwners {
    /// Owners that are listed, at most.
    private static final int MAX_OWNERS = 1000;

    private final InspectedImage image;
    private final long block;
    private final Map<Long, Boolean> leads = new HashMap<>();
    private final List<Map<String, @Nullable Object>> owners = new ArrayList<>();
    private long nodeCount;

    private BlockOwners(InspectedImage image, long block) {
        this.image = image;
        this.block = block;
    }

    /// Walks all trees.
    ///
    /// @throws RequestException `INVALID` for a block outside of the image
    public static Map<String, @Nullable Object> of(InspectedImage image, long block)
            throws IOException {
        long deviceBlocks = image.superblock().deviceBlocks();
        if (block < 0 || block >= deviceBlocks) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "there is no block " + block + ": the image has 0 to " + (deviceBlocks - 1));
        }
        return new BlockOwners(image, block).find();
    }

    private Map<String, @Nullable Object> find() throws IOException {
        for (InspectedTree tree : image.trees()) {
            new TreeWalk(image, new Search()).walk(tree);
        }
        for (InspectedTree tree : image.trees()) {
            if (owners.size() < MAX_OWNERS
                    && Boolean.TRUE.equals(leads.get(tree.root().address()))) {
                new TreeWalk(image, new Listing()).walk(tree);
            }
        }
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("block", block);
        facts.put("group", block >>> Blocks.GROUP_SHIFT);
        facts.put("superblock_area", superblockArea());
        facts.put("allocated", SpaceFacts.isAllocated(image, block));
        facts.put("references", SpaceFacts.refcounts(image).count(block));
        facts.put("owners", owners);
        facts.put("nodes_walked", nodeCount);
        facts.put("damage", image.damage());
        return facts;
    }

    private @Nullable Integer superblockArea() {
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long start = image.superblock().areaStart(area);
            if (block >= start && block < start + SuperblockArea.SLOTS) {
                return area;
            }
        }
        return null;
    }

    private boolean covers(long address) {
        int nodeBlocks = image.superblock().nodeBytes() / Blocks.SIZE;
        return address > 0 && block >= address && block < address + nodeBlocks;
    }

    private boolean isOf(BlockPointer pointer) {
        return covers(pointer.address()) || covers(pointer.copyAddress());
    }

    /// The slot of a content item that names the block, from a slot on; -1 when there is none.
    private int contentSlot(byte[] page, int from) {
        for (int slot = from; slot < NodePage.itemCount(page); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            if (NodePage.kind(page, at) == ItemKind.CONTENT.number()) {
                int position = NodePage.valuePosition(page, at);
                boolean names =
                        ContentItem.check(page, position, NodePage.valueLength(page, at)) == null
                                && ContentItem.namesBlocks(page, position);
                long first = names ? ContentItem.ADDRESS.get(page, position) : 0;
                if (names
                        && block >= first
                        && block < first + ContentItem.diskBlocks(page, position)) {
                    return slot;
                }
            }
        }
        return -1;
    }

    /// Each node once: is the block it, or below it?
    private final class Search implements TreeWalk.Visitor {
        private final List<Long> above = new ArrayList<>();

        @Override
        public boolean enters(InspectedTree tree, BlockPointer pointer, int level, long parent) {
            Boolean leadsThere = leads.get(pointer.address());
            if (leadsThere != null) {
                if (leadsThere) {
                    above.forEach(node -> leads.put(node, true));
                }
                return false;
            }
            leads.put(pointer.address(), isOf(pointer));
            above.add(pointer.address());
            if (isOf(pointer)) {
                above.forEach(node -> leads.put(node, true));
            }
            return true;
        }

        @Override
        public void node(InspectedTree tree, CommittedNode node, long parent) {
            nodeCount++;
            if (node.isLeaf() && tree.holdsFiles() && contentSlot(node.page(), 0) >= 0) {
                above.forEach(each -> leads.put(each, true));
            }
        }

        @Override
        public void leaves(InspectedTree tree, BlockPointer pointer, int level) {
            above.removeLast();
        }
    }

    /// Along the nodes that lead to the block: what is there in this tree?
    private final class Listing implements TreeWalk.Visitor {
        private final List<Long> path = new ArrayList<>();

        @Override
        public boolean enters(InspectedTree tree, BlockPointer pointer, int level, long parent) {
            if (owners.size() >= MAX_OWNERS || !Boolean.TRUE.equals(leads.get(pointer.address()))) {
                return false;
            }
            path.add(pointer.address());
            if (isOf(pointer)) {
                Map<String, @Nullable Object> owner =
                        owner(tree, covers(pointer.address()) ? "node" : "node_copy");
                owner.put("level", level);
            }
            return true;
        }

        @Override
        public void node(InspectedTree tree, CommittedNode node, long parent) throws IOException {
            if (!node.isLeaf() || !tree.holdsFiles()) {
                return;
            }
            byte[] page = node.page();
            for (int slot = contentSlot(page, 0);
                    slot >= 0 && owners.size() < MAX_OWNERS;
                    slot = contentSlot(page, slot + 1)) {
                content(tree, page, slot);
            }
        }

        private void content(InspectedTree tree, byte[] page, int slot) throws IOException {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            int position = NodePage.valuePosition(page, at);
            long inode = NodePage.inode(page, at);
            long first = ContentItem.ADDRESS.get(page, position);
            Map<String, @Nullable Object> owner = owner(tree, "content");
            owner.put("inode", inode);
            // a block of a compressed extent holds a part of all that the item stands for
            long skip = ContentItem.isCompressed(page, position) ? 0 : block - first;
            owner.put("offset", NodePage.offset(page, at) + Blocks.toBytes(skip));
            owner.put("path", InodePaths.lookup(image.reader(tree), inode));
            owner.put("birth_txg", ContentItem.BIRTH_TXG.get(page, position));
        }

        private Map<String, @Nullable Object> owner(InspectedTree tree, String what) {
            Map<String, @Nullable Object> owner = Facts.of();
            owner.put("tree", tree.id());
            owner.put("name", tree.name());
            owner.put("what", what);
            owner.put("nodes", List.copyOf(path));
            owners.add(owner);
            return owner;
        }

        @Override
        public void leaves(InspectedTree tree, BlockPointer pointer, int level) {
            path.removeLast();
        }
    }
}
