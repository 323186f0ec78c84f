package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.alloc.SpaceMap;
import cowfs.block.CommittedNode;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.btree.BTree;
import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.GroupItem;
import cowfs.format.GroupItem.Use;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import cowfs.format.PendingItem;
import cowfs.format.PropertyItem;
import cowfs.format.RefcountItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.Superblock.Features;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Makes a new state of an image whose own trees can't be trusted: file trees are given, the
/// refcount, space and root trees are made anew from what was counted.
///
/// ```
///   old state, never written to        free by count, not by the old bitmaps
///   [ superblock n | its trees ]       [ mended file nodes | refcount | space | root ]
///                                                      |
///             flush, then superblock n+1, sealed  -----+   the one step that counts
/// ```
///
/// Whatever happens before the superblock of n+1 is whole, the image is in the state that it was
/// in: everything new lies in blocks that state n does not reach. Afterwards it is in the new one.
///
/// Used once, on one thread; nobody else may have the image open.
public final class Rebuild {
    private static final NodeRefItem NO_ROOT = new NodeRefItem(BlockPointer.NONE, 0, 0);
    private static final long CACHE_BYTES = 16 << 20;
    private static final int SPARE_PLACES = 4;

    private final BlockDevice device;
    private final Base base;
    private final SpaceMap map;
    private final NodeStore nodes;

    /// The state to start from.
    ///
    /// @param lastTxg the highest number ever used
    /// @param all valid superblocks, newest first
    public record Base(Superblock superblock, long lastTxg, List<Superblock> all) {
        /// The number of the new state.
        public long newTxg() {
            return lastTxg + 1;
        }
    }

    /// What references there are to blocks with two or more, in ascending order.
    @FunctionalInterface
    public interface References {
        void forEach(ReferenceVisitor visitor) throws IOException;
    }

    /// Takes ranges of equal count.
    @FunctionalInterface
    public interface ReferenceVisitor {
        void range(long address, long blockCount, int count) throws IOException;
    }

    /// What is in use, without the pool's own trees.
    public interface Usage {
        /// The bits of a group; all clear where nothing is in use. The array is the caller's.
        long[] bits(int group);

        /// What the group holds.
        Use use(int group);

        long dataBlocks();

        /// With the superblock areas.
        long metadataBlocks();
    }

    /// @param map free is what neither the old state nor anything that is to be kept lies on
    public Rebuild(BlockDevice device, Base base, SpaceMap map) {
        this.device = device;
        this.base = base;
        this.map = map;
        Superblock superblock = base.superblock();
        this.nodes =
                new NodeStore(
                        device,
                        superblock.uuid(),
                        superblock.nodeBytes(),
                        superblock.deviceBlocks(),
                        CACHE_BYTES);
    }

    /// The state that opening the image would choose or, where that is refused because of damage,
    /// the newest one.
    public static Base find(BlockDevice device) throws IOException {
        // there is damage: only what is on the medium counts
        device.forgetCached(0, device.sizeBytes());
        List<Superblock> all = new SuperblockRing(device).find();
        try {
            Recovery recovery = Recovery.choose(device, all);
            return new Base(recovery.superblock(), recovery.lastTxg(), all);
        } catch (CorruptException damaged) {
            return new Base(all.getFirst(), all.getFirst().txg(), all);
        }
    }

    /// The number of the new state.
    public long txg() {
        return base.newTxg();
    }

    public NodeStore nodes() {
        return nodes;
    }

    /// A tree that may be changed.
    public BTree tree(long id, @Nullable CommittedNode root) {
        return BTree.writer(nodes, id, root, 0, txg(), old -> {});
    }

    /// Writes one node that was made by hand, to a place of its own.
    ///
    /// @param page all but owner, address and birth
    public BlockPointer write(byte[] page, long owner) throws IOException {
        NodeAddresses places = places(1);
        long address = places.takePrimary();
        long copyAddress = places.takeCopy();
        NodePage.seal(page, owner, address, txg());
        NodePage.validate(page, nodes.uuid(), -1, "tree=" + owner + " block=" + address);
        device.write(Blocks.toBytes(address), ByteBuffer.wrap(page));
        if (copyAddress != 0) {
            device.write(Blocks.toBytes(copyAddress), ByteBuffer.wrap(page));
        }
        BlockPointer pointer =
                new BlockPointer(address, copyAddress, txg(), Checksum.of(page, 0, page.length));
        nodes.put(new CommittedNode(pointer, page));
        return pointer;
    }

    /// Writes what was changed in a tree.
    ///
    /// @return its root; null when it is empty
    public @Nullable CommittedNode write(BTree tree) throws IOException {
        if (!(tree.root() instanceof OwnedNode owned)) {
            return (CommittedNode) tree.root();
        }
        NodeWriter writer = new NodeWriter(nodes, txg());
        CommittedNode root = writer.place(owned, tree.owner(), places(tree.ownedCount()));
        writer.write(device);
        writer.publish();
        return root;
    }

    private NodeAddresses places(int count) throws IOException {
        NodeAddresses places = newAddresses();
        allocate(places, count);
        return places;
    }

    private NodeAddresses newAddresses() {
        return new NodeAddresses(map, nodes.nodeBlocks(), base.superblock().metadataCopies());
    }

    private static List<Range> allocate(NodeAddresses places, int count) throws IOException {
        try {
            return places.allocate(count);
        } catch (IllegalStateException full) {
            throw new RequestException(
                    ErrorKind.NO_SPACE,
                    "there is no room in the image for its new metadata; nothing was changed: copy what"
                            + " can be read to another place",
                    full);
        }
    }

    /// Makes and writes the pool's own trees; the new state is complete but for its superblock.
    ///
    /// @param properties by tree id and slot
    /// @return that superblock
    public Superblock writePoolTrees(
            SortedMap<Long, SubvolumeItem> subvolumes,
            Map<Long, ? extends Map<Integer, PropertyItem>> properties,
            References references,
            Usage usage)
            throws IOException {
        BTree refcounts = tree(TreeId.REFCOUNT, null);
        references.forEach(
                (address, blockCount, count) ->
                        refcounts.put(
                                address,
                                ItemKind.REFCOUNT.number(),
                                0,
                                RefcountItem.toBytes(blockCount, count)));
        BTree root = tree(TreeId.ROOT, null);
        for (var each : subvolumes.entrySet()) {
            root.put(each.getKey(), ItemKind.SUBVOLUME.number(), 0, each.getValue().toBytes());
        }
        for (var tree : properties.entrySet()) {
            for (var each : tree.getValue().entrySet()) {
                byte[] item = each.getValue().toBytes();
                root.put(tree.getKey(), ItemKind.PROPERTY.number(), each.getKey(), item);
            }
        }
        int kind = ItemKind.TREE_ROOT.number();
        root.put(TreeId.REFCOUNT, kind, 0, NO_ROOT.toBytes());
        root.put(TreeId.SPACE, kind, 0, NO_ROOT.toBytes());
        NodeAddresses places = newAddresses();
        List<Range> taken = new ArrayList<>();
        BTree space = spaceTree(usage, taken);
        int pendingItems = 0;
        // marking places may take more bitmaps, and what is left over more pending items
        while (true) {
            int spare =
                    places.leftCount()
                            - root.ownedCount()
                            - refcounts.ownedCount()
                            - space.ownedCount();
            if (pendingItems * PendingItem.ENTRIES < 2 * Math.max(spare, SPARE_PLACES)) {
                root.put(
                        0,
                        ItemKind.PENDING.number(),
                        pendingItems++,
                        new byte[PendingItem.SIZE_BYTES]);
            } else if (spare >= 0) {
                break;
            } else {
                taken.addAll(allocate(places, SPARE_PLACES - spare));
                space = spaceTree(usage, taken);
            }
        }
        NodeWriter writer = new NodeWriter(nodes, txg());
        replaceRoot(root, refcounts, writer, places);
        replaceRoot(root, space, writer, places);
        fillPending(root, places, places.leftCount() - root.ownedCount());
        CommittedNode placed =
                writer.place(Objects.requireNonNull((OwnedNode) root.root()), TreeId.ROOT, places);
        writer.write(device);
        writer.publish();
        long metadata = usage.metadataBlocks();
        for (Range range : taken) {
            metadata += range.blockCount();
        }
        Superblock old = base.superblock();
        Features features = Features.NONE;
        for (SubvolumeItem each : subvolumes.values()) {
            features = features.and(each.features());
        }
        return old.next(
                        txg(),
                        placed.pointer(),
                        placed.level(),
                        old.nextTreeId(),
                        usage.dataBlocks(),
                        metadata,
                        null)
                .with(features);
    }

    private static void replaceRoot(BTree root, BTree tree, NodeWriter writer, NodeAddresses places)
            throws IOException {
        NodeRefItem item = NO_ROOT;
        if (tree.root() instanceof OwnedNode owned) {
            CommittedNode placed = writer.place(owned, tree.owner(), places);
            item = new NodeRefItem(placed.pointer(), placed.level(), tree.nodeCount());
        }
        root.replace(tree.owner(), ItemKind.TREE_ROOT.number(), 0, item.toBytes());
    }

    private void fillPending(BTree root, NodeAddresses places, int spare) throws IOException {
        byte[] bytes = new byte[PendingItem.SIZE_BYTES];
        int entry = 0;
        int item = 0;
        for (int i = 0; i < spare; i++) {
            for (long address : new long[] {places.takePrimary(), places.takeCopy()}) {
                if (address != 0) {
                    PendingItem.set(bytes, entry++, address, nodes.nodeBlocks());
                }
                if (entry == PendingItem.ENTRIES) {
                    root.replace(0, ItemKind.PENDING.number(), item++, bytes);
                    bytes = new byte[PendingItem.SIZE_BYTES];
                    entry = 0;
                }
            }
        }
        if (entry > 0) {
            root.replace(0, ItemKind.PENDING.number(), item, bytes);
        }
    }

    private BTree spaceTree(Usage usage, List<Range> taken) throws IOException {
        long deviceBlocks = base.superblock().deviceBlocks();
        int groupCount = SpaceMap.groupCount(deviceBlocks);
        BTree space = tree(TreeId.SPACE, null);
        byte[] summary = new byte[GroupItem.SUMMARY_BYTES];
        boolean used = false;
        for (int group = 0; group < groupCount; group++) {
            long[] words = usage.bits(group);
            boolean own = mark(words, group, taken);
            int allocated = 0;
            byte[] bitmap = new byte[GroupItem.BITMAP_BYTES];
            for (int i = 0; i < words.length; i++) {
                allocated += Long.bitCount(words[i]);
                GroupItem.setWord(bitmap, 0, i, words[i]);
            }
            int entry = group % GroupItem.GROUPS_PER_SUMMARY;
            if (allocated > 0) {
                space.put(GroupItem.BITMAP_KEY, ItemKind.GROUP_BITMAP.number(), group, bitmap);
                GroupItem.setEntry(
                        summary,
                        0,
                        entry,
                        SpaceMap.groupBlocks(deviceBlocks, group) - allocated,
                        own ? Use.METADATA : usage.use(group));
                used = true;
            }
            if (used && (entry == GroupItem.GROUPS_PER_SUMMARY - 1 || group == groupCount - 1)) {
                space.put(
                        GroupItem.SUMMARY_KEY,
                        ItemKind.GROUP_SUMMARY.number(),
                        group / GroupItem.GROUPS_PER_SUMMARY,
                        summary);
                summary = new byte[GroupItem.SUMMARY_BYTES];
                used = false;
            }
        }
        return space;
    }

    private static boolean mark(long[] words, int group, List<Range> taken) {
        long first = (long) group << Blocks.GROUP_SHIFT;
        boolean any = false;
        for (Range range : taken) {
            long from = Math.max(first, range.address());
            long to = Math.min(first + Blocks.PER_GROUP, range.end());
            for (long block = from; block < to; block++) {
                int bit = (int) (block - first);
                words[bit >>> 6] |= 1L << bit;
                any = true;
            }
        }
        return any;
    }

    /// Makes the new state the state of the image, and all slots of both areas good.
    public void commit(Superblock superblock) throws IOException {
        SuperblockRing ring = new SuperblockRing(device);
        device.flush();
        ring.write(superblock);
        device.flush();
        ring.mend(superblock);
    }
}
