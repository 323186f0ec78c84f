package cowfs.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.alloc.Refcounts;
import cowfs.alloc.SpaceMap;
import cowfs.alloc.SpaceTree;
import cowfs.block.CommittedNode;
import cowfs.block.Node;
import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.device.BlockDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.GroupItem.Use;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import cowfs.format.PendingItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A full recount of one state of an image, straight from the device: every node of every tree is
/// read and verified in all its copies, every reference counted, and the result compared with what
/// the state says about itself: bitmaps, summaries, reference counts, counters.
///
/// Fails with an assertion when anything differs: a block that is reached and not marked, marked
/// and not reached, counted wrong, used twice.
final class ImageAudit {
    private final BlockDevice device;
    private final Superblock superblock;
    private final NodeStore nodes;
    private final boolean allCopies;
    private final Map<Long, Integer> nodeReferences = new HashMap<>();
    private final int[] dataReferences;
    private final BitSet reached = new BitSet();
    private final BitSet dataReached = new BitSet();
    private final BitSet bitmap = new BitSet();
    private final TreeMap<Long, SubvolumeItem> items = new TreeMap<>();
    private final TreeMap<Long, SortedMap<ItemKey, ByteBuffer>> contents = new TreeMap<>();
    private long pendingBlocks;
    private int refcountRecords;

    private ImageAudit(BlockDevice device, Superblock superblock, boolean allCopies) {
        this.device = device;
        this.superblock = superblock;
        this.allCopies = allCopies;
        this.nodes =
                new NodeStore(
                        device,
                        superblock.uuid(),
                        superblock.nodeBytes(),
                        superblock.deviceBlocks(),
                        64 << 20);
        this.dataReferences = new int[Math.toIntExact(superblock.deviceBlocks())];
    }

    /// Audits the state of the newest superblock, all copies of all nodes.
    static ImageAudit of(BlockDevice device) throws IOException {
        return of(device, new SuperblockRing(device).find().getFirst(), true);
    }

    /// Audits the state of a superblock.
    ///
    /// @param allCopies false where one good copy of a node is enough
    static ImageAudit of(BlockDevice device, Superblock superblock, boolean allCopies)
            throws IOException {
        ImageAudit audit = new ImageAudit(device, superblock, allCopies);
        audit.run();
        return audit;
    }

    /// The blocks that the bitmaps of a state call allocated, slots included.
    static BitSet allocated(BlockDevice device, Superblock superblock) throws IOException {
        ImageAudit audit = new ImageAudit(device, superblock, false);
        BTree root = audit.tree(TreeId.ROOT, superblock.root(), superblock.rootLevel());
        audit.readBitmap(audit.poolTree(root, TreeId.SPACE));
        return audit.bitmap;
    }

    Superblock superblock() {
        return superblock;
    }

    /// What each tree holds.
    SortedMap<Long, SortedMap<ItemKey, ByteBuffer>> contents() {
        return contents;
    }

    SubvolumeItem item(long id) {
        SubvolumeItem item = items.get(id);
        if (item == null) {
            throw new AssertionError("no tree " + id);
        }
        return item;
    }

    int refcountRecords() {
        return refcountRecords;
    }

    BitSet bitmap() {
        return bitmap;
    }

    private void run() throws IOException {
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long start = superblock.areaStart(area);
            for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
                reach(start + slot);
            }
        }
        walk(superblock.root(), superblock.rootLevel(), TreeId.ROOT);
        BTree root = tree(TreeId.ROOT, superblock.root(), superblock.rootLevel());
        readRootTree(root);
        BTree refcountTree = poolTree(root, TreeId.REFCOUNT);
        BTree spaceTree = poolTree(root, TreeId.SPACE);
        readBitmap(spaceTree);
        compareSpace(spaceTree);
        compareCounts(refcountTree);
    }

    private void readRootTree(BTree root) throws IOException {
        Cursor cursor = root.cursor();
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            String where = "tree=" + cursor.inode();
            if (cursor.kind() == ItemKind.SUBVOLUME.number()) {
                SubvolumeItem item =
                        SubvolumeItem.readFrom(
                                cursor.page(), cursor.position(), cursor.lengthBytes(), where);
                readFileTree(cursor.inode(), item);
            } else if (cursor.kind() == ItemKind.TREE_ROOT.number()) {
                NodeRefItem item =
                        NodeRefItem.readFrom(
                                cursor.page(), cursor.position(), cursor.lengthBytes(), where);
                if (!item.pointer().isNone()) {
                    walk(item.pointer(), item.level(), cursor.inode());
                }
                assertEquals(
                        countNodes(item.pointer(), item.level()),
                        item.nodeCount(),
                        "node count of tree " + cursor.inode());
            } else if (cursor.kind() == ItemKind.PENDING.number()) {
                PendingItem.forEach(
                        cursor.page(),
                        cursor.position(),
                        cursor.lengthBytes(),
                        superblock.deviceBlocks(),
                        where,
                        (address, count) -> {
                            pendingBlocks += count;
                            for (int i = 0; i < count; i++) {
                                reach(address + i);
                            }
                        });
            }
        }
    }

    private void readFileTree(long id, SubvolumeItem item) throws IOException {
        items.put(id, item);
        TreeMap<ItemKey, ByteBuffer> content = new TreeMap<>();
        long referenced = 0;
        if (!item.root().isNone()) {
            walk(item.root(), item.rootLevel(), id);
            Cursor cursor = tree(id, item.root(), item.rootLevel()).cursor();
            for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
                byte[] value = cursor.value();
                content.put(
                        new ItemKey(cursor.inode(), cursor.kind(), cursor.offset()),
                        ByteBuffer.wrap(value));
                if (cursor.kind() == ItemKind.CONTENT.number()
                        && ContentItem.namesBlocks(value, 0)) {
                    referenced += ContentItem.blockCount(value, 0);
                }
            }
        }
        contents.put(id, content);
        assertEquals(referenced, item.referencedBlocks(), "referenced blocks of tree " + id);
        assertEquals(
                countNodes(item.root(), item.rootLevel()),
                item.nodeCount(),
                "node count of tree " + id);
    }

    private long countNodes(BlockPointer pointer, int level) throws IOException {
        if (pointer.isNone()) {
            return 0;
        }
        long count = 1;
        CommittedNode node = nodes.read(pointer, level);
        for (int slot = 0; level > 0 && slot < node.itemCount(); slot++) {
            count += countNodes(child(node, slot), level - 1);
        }
        return count;
    }

    private static BlockPointer child(CommittedNode node, int slot) {
        return NodePage.pointer(
                node.page(), NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES));
    }

    /// Counts a reference to a node; reads it and what is below it at the first one.
    private void walk(BlockPointer pointer, int level, long owner) throws IOException {
        if (nodeReferences.merge(pointer.address(), 1, Integer::sum) > 1) {
            return;
        }
        CommittedNode node = nodes.read(pointer, level);
        assertTrue(pointer.birthTxg() <= superblock.txg(), "born in the future: " + pointer);
        for (int i = 0; i < nodes.nodeBlocks(); i++) {
            reach(pointer.address() + i);
            if (superblock.metadataCopies() == 2) {
                reach(pointer.copyAddress() + i);
            }
        }
        if (allCopies) {
            nodes.readCopy(pointer, pointer.address(), level);
            if (superblock.metadataCopies() == 2) {
                nodes.readCopy(pointer, pointer.copyAddress(), level);
            }
        }
        for (int slot = 0; slot < node.itemCount(); slot++) {
            if (level > 0) {
                walk(child(node, slot), level - 1, owner);
            } else if (owner >= TreeId.FIRST_SUBVOLUME) {
                readContent(node, slot);
            }
        }
    }

    private void readContent(CommittedNode leaf, int slot) throws IOException {
        byte[] page = leaf.page();
        int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
        if (!Replay.namesExtent(page, at)) {
            return;
        }
        int value = NodePage.valuePosition(page, at);
        long address = ContentItem.ADDRESS.get(page, value);
        boolean plain = ContentItem.ENCODING.get(page, value) == ContentItem.PLAIN;
        byte[] block = new byte[Blocks.SIZE];
        for (int i = 0; i < ContentItem.blockCount(page, value); i++) {
            if (dataReferences[Math.toIntExact(address + i)]++ == 0) {
                reach(address + i);
                dataReached.set(Math.toIntExact(address + i));
            }
            if (plain) {
                device.read(Blocks.toBytes(address + i), ByteBuffer.wrap(block));
                assertEquals(
                        ContentItem.crc(page, value, i),
                        Checksum.crc32c(block, 0, block.length),
                        "content of data block " + (address + i) + " named by " + leaf.pointer());
            }
        }
    }

    private void reach(long block) {
        int index = Math.toIntExact(block);
        assertTrue(!reached.get(index), "block " + block + " is used twice");
        reached.set(index);
    }

    private BTree tree(long owner, BlockPointer pointer, int level) throws IOException {
        Node root = BTree.readRoot(nodes, pointer, level);
        return BTree.reader(nodes, owner, root);
    }

    private BTree poolTree(BTree root, long id) throws IOException {
        Cursor cursor = root.cursor();
        assertTrue(root.find(cursor, id, ItemKind.TREE_ROOT.number(), 0), "no tree " + id);
        NodeRefItem item =
                NodeRefItem.readFrom(
                        cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + id);
        return tree(id, item.pointer(), item.level());
    }

    private void readBitmap(BTree spaceTree) throws IOException {
        SpaceTree space = new SpaceTree(spaceTree, superblock.deviceBlocks());
        int groups = SpaceMap.groupCount(superblock.deviceBlocks());
        for (int group = 0; group < groups; group++) {
            BitSet bits = BitSet.valueOf(space.load(group));
            for (int bit = bits.nextSetBit(0); bit >= 0; bit = bits.nextSetBit(bit + 1)) {
                bitmap.set(group * Blocks.PER_GROUP + bit);
            }
        }
    }

    private void compareSpace(BTree spaceTree) throws IOException {
        BitSet leaked = (BitSet) bitmap.clone();
        leaked.andNot(reached);
        BitSet unmarked = (BitSet) reached.clone();
        unmarked.andNot(bitmap);
        assertTrue(
                leaked.isEmpty() && unmarked.isEmpty(),
                () ->
                        "txg "
                                + superblock.txg()
                                + ": allocated and not reached: "
                                + leaked
                                + ", reached and not allocated: "
                                + unmarked);
        long data = dataReached.cardinality();
        assertEquals(data, superblock.dataBlocks(), "data blocks");
        assertEquals(reached.cardinality() - data, superblock.metadataBlocks(), "metadata blocks");
        int[] free = SpaceMap.allFree(superblock.deviceBlocks());
        Use[] use = new Use[free.length];
        new SpaceTree(spaceTree, superblock.deviceBlocks()).loadSummaries(free, use);
        for (int group = 0; group < free.length; group++) {
            int from = group * Blocks.PER_GROUP;
            int to = from + SpaceMap.groupBlocks(superblock.deviceBlocks(), group);
            int marked = bitmap.get(from, to).cardinality();
            assertEquals(to - from - marked, free[group], "free blocks of group " + group);
            int ofData = dataReached.get(from, to).cardinality();
            Use want = marked == 0 ? Use.UNUSED : ofData > 0 ? Use.DATA : Use.METADATA;
            assertEquals(want, use[group], "use of group " + group);
            assertTrue(ofData == 0 || ofData == marked, "group " + group + " is mixed");
        }
    }

    private void compareCounts(BTree refcountTree) throws IOException {
        Cursor cursor = refcountTree.cursor();
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            refcountRecords++;
        }
        int[] want = dataReferences.clone();
        nodeReferences.forEach(
                (address, count) -> {
                    for (int i = 0; i < nodes.nodeBlocks(); i++) {
                        want[Math.toIntExact(address) + i] = count;
                    }
                });
        new Refcounts(refcountTree, superblock.deviceBlocks())
                .forEachPiece(
                        1,
                        superblock.deviceBlocks() - 1,
                        (address, count, references) -> {
                            for (long at = address; at < address + count; at++) {
                                assertEquals(
                                        Math.max(1, want[Math.toIntExact(at)]),
                                        references,
                                        "references of block " + at);
                            }
                        });
        int runs = 0;
        for (int block = 1; block < want.length; block++) {
            if (want[block] > 1 && want[block] != want[block - 1]) {
                runs++;
            }
        }
        assertEquals(runs, refcountRecords, "refcount records are merged where they can be");
    }
}
