package cowfs.check;

import cowfs.device.MemoryDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;

/// A tool that changes nodes of an image and makes every checksum right again, up to the
/// superblock: for damage that no checksum shows.
///
/// Nodes are rewritten where they are, both copies; trees that share one keep sharing it. All nodes
/// are in memory: for small images.
final class ImageSurgeon {
    private final MemoryDevice device;
    private final Map<Long, byte[]> pages = new HashMap<>();
    private final Map<Long, BlockPointer> sealed = new HashMap<>();
    private final Map<Long, List<Long>> leaves = new TreeMap<>();
    private final Map<Long, List<Long>> interiors = new TreeMap<>();
    private Superblock superblock;

    /// An item where it lies: its value may be changed in place.
    record Place(byte[] page, int slotPosition) {
        Key key() {
            return Key.at(page, slotPosition);
        }

        int position() {
            return NodePage.valuePosition(page, slotPosition);
        }

        int lengthBytes() {
            return NodePage.valueLength(page, slotPosition);
        }

        byte[] value() {
            return Arrays.copyOfRange(page, position(), position() + lengthBytes());
        }
    }

    ImageSurgeon(MemoryDevice image) throws IOException {
        device = image.copy();
        superblock = Objects.requireNonNull(SuperblockCheck.findNewest(device));
        load(TreeId.ROOT, superblock.root(), superblock.rootLevel(), new HashSet<>());
        for (Place each : all(TreeId.ROOT)) {
            int kind = each.key().kind();
            if (kind == ItemKind.SUBVOLUME.number()) {
                SubvolumeItem item = subvolume(each);
                load(each.key().inode(), item.root(), item.rootLevel(), new HashSet<>());
            } else if (kind == ItemKind.TREE_ROOT.number() || kind == ItemKind.RECLAIM.number()) {
                NodeRefItem item =
                        NodeRefItem.readFrom(
                                each.page, each.position(), each.lengthBytes(), "root");
                load(each.key().inode(), item.pointer(), item.level(), new HashSet<>());
            }
        }
    }

    private void load(long tree, BlockPointer pointer, int level, Set<Long> seen)
            throws IOException {
        if (pointer.isNone() || !seen.add(pointer.address())) {
            return;
        }
        byte[] page = pages.get(pointer.address());
        if (page == null) {
            page = new byte[superblock.nodeBytes()];
            device.read(Blocks.toBytes(pointer.address()), ByteBuffer.wrap(page));
            pages.put(pointer.address(), page);
        }
        Map<Long, List<Long>> list = level == 0 ? leaves : interiors;
        list.computeIfAbsent(tree, t -> new ArrayList<>()).add(pointer.address());
        for (int slot = 0; level > 0 && slot < NodePage.itemCount(page); slot++) {
            load(tree, pointerAt(page, slot), level - 1, seen);
        }
    }

    private static BlockPointer pointerAt(byte[] page, int slot) {
        return NodePage.pointer(page, NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES));
    }

    static SubvolumeItem subvolume(Place place) throws IOException {
        return SubvolumeItem.readFrom(place.page, place.position(), place.lengthBytes(), "surgeon");
    }

    Superblock superblock() {
        return superblock;
    }

    MemoryDevice device() {
        return device;
    }

    /// The addresses of a tree's leaves, in key order.
    List<Long> leaves(long tree) {
        return leaves.getOrDefault(tree, List.of());
    }

    /// The addresses of a tree's interior nodes, parents first.
    List<Long> interiors(long tree) {
        return interiors.getOrDefault(tree, List.of());
    }

    byte[] page(long address) {
        return Objects.requireNonNull(pages.get(address));
    }

    /// All items of a tree, in key order.
    List<Place> all(long tree) {
        List<Place> items = new ArrayList<>();
        for (long address : leaves(tree)) {
            byte[] page = page(address);
            for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
                items.add(new Place(page, NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES)));
            }
        }
        return items;
    }

    /// The first item of a kind that satisfies a condition on page and position.
    Place get(long tree, ItemKind kind, BiPredicate<Key, Place> condition) {
        return all(tree).stream()
                .filter(place -> place.key().kind() == kind.number())
                .filter(place -> condition.test(place.key(), place))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no such " + kind + " in tree " + tree));
    }

    Place get(long tree, ItemKind kind) {
        return get(tree, kind, (key, place) -> true);
    }

    /// Removes an item from its leaf.
    void remove(Place place) {
        Key key = place.key();
        rebuild(place.page, items -> items.remove(key));
    }

    /// Puts an item into the leaf of a tree where it belongs.
    void put(long tree, Key key, byte[] value) {
        byte[] target = page(leaves(tree).getFirst());
        for (long address : leaves(tree)) {
            byte[] page = page(address);
            int first = NodePage.slotPosition(0, NodePage.LEAF_SLOT_BYTES);
            if (NodePage.itemCount(page) > 0 && Key.at(page, first).compareTo(key) <= 0) {
                target = page;
            }
        }
        rebuild(target, items -> items.put(key, value));
    }

    /// Puts an item into a leaf, whether it belongs there or not.
    void putInto(long leaf, Key key, byte[] value) {
        rebuild(page(leaf), items -> items.put(key, value));
    }

    /// Keeps only the first items of a leaf.
    void keep(long leaf, int count) {
        rebuild(
                page(leaf),
                items -> {
                    while (items.size() > count) {
                        items.pollLastEntry();
                    }
                });
    }

    /// Gives an item another value, of any length.
    void replace(Place place, byte[] value) {
        Key key = place.key();
        rebuild(place.page, items -> items.put(key, value));
    }

    private interface Edit {
        void on(TreeMap<Key, byte[]> items);
    }

    private void rebuild(byte[] page, Edit edit) {
        TreeMap<Key, byte[]> items = new TreeMap<>();
        for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
            Place place = new Place(page, NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES));
            items.put(place.key(), place.value());
        }
        edit.on(items);
        long owner = NodePage.owner(page);
        long address = NodePage.address(page);
        long birth = NodePage.birthTxg(page);
        NodePage.initialise(page, 0, owner, superblock.uuid());
        NodePage.seal(page, owner, address, birth);
        int slot = 0;
        int heap = page.length;
        for (Map.Entry<Key, byte[]> each : items.entrySet()) {
            int at = NodePage.slotPosition(slot++, NodePage.LEAF_SLOT_BYTES);
            Key key = each.getKey();
            NodePage.setKey(page, at, key.inode(), key.kind(), key.offset());
            heap -= each.getValue().length;
            System.arraycopy(each.getValue(), 0, page, heap, each.getValue().length);
            NodePage.setValue(page, at, heap, each.getValue().length);
        }
        NodePage.setItemCount(page, slot);
        NodePage.setHeapStart(page, heap);
        if (NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES) > heap) {
            throw new AssertionError("the leaf has no room for this operation");
        }
    }

    /// Edits the superblock; its root is set when it is written.
    void edit(UnaryOperator<Superblock> change) {
        superblock = change.apply(superblock);
    }

    /// Writes everything with checksums that fit and returns the image.
    MemoryDevice close() throws IOException {
        for (Place each : all(TreeId.ROOT)) {
            int kind = each.key().kind();
            boolean named =
                    kind == ItemKind.SUBVOLUME.number()
                            || kind == ItemKind.TREE_ROOT.number()
                            || kind == ItemKind.RECLAIM.number();
            boolean whole =
                    each.lengthBytes() >= BlockPointer.LAYOUT.sizeBytes()
                            && each.position() + each.lengthBytes() <= each.page.length;
            if (named && whole) {
                seal(BlockPointer.readFrom(each.page, each.position()))
                        .writeTo(each.page, each.position());
            }
        }
        BlockPointer root = seal(superblock.root());
        superblock =
                superblock.next(
                        superblock.txg(),
                        root,
                        superblock.rootLevel(),
                        superblock.nextTreeId(),
                        superblock.dataBlocks(),
                        superblock.metadataBlocks(),
                        null);
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long slot = superblock.slot(area, superblock.txg());
            device.write(Blocks.toBytes(slot), ByteBuffer.wrap(superblock.toBytes()));
        }
        return device;
    }

    private BlockPointer seal(BlockPointer old) throws IOException {
        BlockPointer done = sealed.get(old.address());
        if (done != null) {
            return new BlockPointer(
                    done.address(), old.copyAddress(), done.birthTxg(), done.checksum());
        }
        byte[] page = pages.get(old.address());
        if (page == null) {
            return old;
        }
        int slots = NodePage.level(page) == 0 ? 0 : NodePage.itemCount(page);
        for (int slot = 0; slot < slots; slot++) {
            int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
            NodePage.setPointer(page, at, seal(NodePage.pointer(page, at)));
        }
        device.write(Blocks.toBytes(old.address()), ByteBuffer.wrap(page));
        long last = superblock.deviceBlocks() - page.length / Blocks.SIZE;
        if (old.copyAddress() > 0 && old.copyAddress() <= last) {
            device.write(Blocks.toBytes(old.copyAddress()), ByteBuffer.wrap(page));
        }
        BlockPointer now =
                new BlockPointer(
                        old.address(),
                        old.copyAddress(),
                        NodePage.birthTxg(page),
                        Checksum.of(page, 0, page.length));
        sealed.put(old.address(), now);
        return now;
    }
}
