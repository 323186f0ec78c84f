package cowfs.damage;

import cowfs.api.FormatOptions;
import cowfs.device.MemoryDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ItemKind;
import cowfs.format.Layout;
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
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// All nodes of an image and what points to them, as they were before any damage: changes bytes
/// where they lie and makes every checksum on the way up to the superblock right again.
///
/// Unlike a writer it knows nothing of what the bytes mean after the change: the pointers are where
/// they were. A patch of a checksum itself is left alone.
final class ImageGraph {
    private static final int CHECKSUM_AT = offset(BlockPointer.LAYOUT, "checksum");
    private static final int SUPERBLOCK_CHECKSUM_AT = offset(Superblock.LAYOUT, "checksum");
    private static final int ROOT_AT = offset(Superblock.LAYOUT, "root");

    private final MemoryDevice image;
    private final Superblock superblock;
    private final Map<Long, Page> pages = new TreeMap<>();
    private final Page head;

    /// A node, or the superblock.
    static final class Page {
        final long address;
        final long copyAddress;
        final long tree;
        final int level;
        final byte[] bytes;
        final List<Link> holders = new ArrayList<>();

        private Page(long address, long copyAddress, long tree, int level, byte[] bytes) {
            this.address = address;
            this.copyAddress = copyAddress;
            this.tree = tree;
            this.level = level;
            this.bytes = bytes;
        }

        boolean isSuperblock() {
            return tree == 0;
        }

        boolean isLeaf() {
            return !isSuperblock() && level == 0;
        }

        int slotCount() {
            return NodePage.itemCount(bytes);
        }

        int slotPosition(int slot) {
            return NodePage.slotPosition(slot, NodePage.slotBytes(bytes));
        }

        @Override
        public String toString() {
            return isSuperblock()
                    ? "superblock"
                    : "tree=" + tree + " block=" + address + " level=" + level;
        }
    }

    /// A pointer in a page.
    private record Link(Page page, int position) {}

    /// Bytes that take the place of others.
    @SuppressWarnings("ArrayRecordComponent") // handed over and never compared
    record Patch(Page page, int position, byte[] bytes) {}

    ImageGraph(MemoryDevice image) throws IOException {
        this.image = image;
        this.superblock = newest(image);
        head = new Page(0, 0, 0, 0, superblock.toBytes());
        load(superblock.root(), superblock.rootLevel(), TreeId.ROOT, new Link(head, ROOT_AT));
    }

    private static Superblock newest(MemoryDevice image) throws IOException {
        Superblock newest = null;
        for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
            byte[] bytes = new byte[Blocks.SIZE];
            image.copy().read(Blocks.toBytes(slot), ByteBuffer.wrap(bytes));
            if (Superblock.hasMagic(bytes)) {
                Superblock read = Superblock.readFrom(bytes, "slot=" + slot);
                newest = newest == null || read.txg() > newest.txg() ? read : newest;
            }
        }
        if (newest == null) {
            throw new AssertionError("no superblock");
        }
        return newest;
    }

    private void load(BlockPointer pointer, int level, long tree, Link holder) throws IOException {
        if (pointer.isNone()) {
            return;
        }
        Page known = pages.get(pointer.address());
        if (known != null) {
            known.holders.add(holder);
            return;
        }
        byte[] bytes = new byte[superblock.nodeBytes()];
        image.copy().read(Blocks.toBytes(pointer.address()), ByteBuffer.wrap(bytes));
        Page page = new Page(pointer.address(), pointer.copyAddress(), tree, level, bytes);
        page.holders.add(holder);
        pages.put(page.address, page);
        for (int slot = 0; slot < page.slotCount(); slot++) {
            int at = page.slotPosition(slot);
            if (level > 0) {
                int position = at + offset(NodePage.INTERIOR_SLOT_LAYOUT, "pointer");
                load(NodePage.pointer(bytes, at), level - 1, tree, new Link(page, position));
            } else if (tree == TreeId.ROOT) {
                loadTree(page, at);
            }
        }
    }

    private void loadTree(Page page, int slotPosition) throws IOException {
        int kind = NodePage.kind(page.bytes, slotPosition);
        int position = NodePage.valuePosition(page.bytes, slotPosition);
        int length = NodePage.valueLength(page.bytes, slotPosition);
        long tree = NodePage.inode(page.bytes, slotPosition);
        Link link = new Link(page, position);
        if (kind == ItemKind.SUBVOLUME.number()) {
            SubvolumeItem item = SubvolumeItem.readFrom(page.bytes, position, length, "sample");
            load(item.root(), item.rootLevel(), tree, link);
        } else if (kind == ItemKind.TREE_ROOT.number() || kind == ItemKind.RECLAIM.number()) {
            NodeRefItem item = NodeRefItem.readFrom(page.bytes, position, length, "sample");
            load(item.pointer(), item.level(), tree, link);
        }
    }

    static int offset(Layout layout, String field) {
        return layout.fields().stream()
                .filter(each -> each.name().equals(field))
                .findFirst()
                .orElseThrow()
                .offset();
    }

    MemoryDevice image() {
        return image;
    }

    Superblock superblock() {
        return superblock;
    }

    /// The superblock as a page.
    Page head() {
        return head;
    }

    /// All nodes, in the order of their addresses.
    Collection<Page> pages() {
        return pages.values();
    }

    /// The kinds of items that the image holds.
    Set<ItemKind> itemKinds() {
        Set<ItemKind> kinds = EnumSet.noneOf(ItemKind.class);
        for (Page page : pages()) {
            for (int slot = 0; page.isLeaf() && slot < page.slotCount(); slot++) {
                int number = NodePage.kind(page.bytes, page.slotPosition(slot));
                for (ItemKind kind : ItemKind.values()) {
                    if (kind.number() == number) {
                        kinds.add(kind);
                    }
                }
            }
        }
        return kinds;
    }

    /// The image with some bytes changed and checksums that fit.
    ///
    /// A change of a node comes with a sealed superblock: the runs of an unsealed one would not
    /// verify, and recovery would be right to go back.
    MemoryDevice with(List<Patch> patches) throws IOException {
        Map<Page, byte[]> changed = new HashMap<>();
        for (Patch patch : patches) {
            byte[] bytes = changed.computeIfAbsent(patch.page, page -> page.bytes.clone());
            System.arraycopy(patch.bytes, 0, bytes, patch.position, patch.bytes.length);
        }
        boolean nodes = patches.stream().anyMatch(patch -> !patch.page.isSuperblock());
        MemoryDevice damaged = image.copy();
        for (Page page : upwards(changed.keySet())) {
            byte[] bytes = changed.computeIfAbsent(page, other -> other.bytes.clone());
            write(damaged, page.address, bytes);
            if (page.copyAddress != 0) {
                write(damaged, page.copyAddress, bytes);
            }
            byte[] checksum = word(Checksum.of(bytes, 0, bytes.length));
            for (Link holder : page.holders) {
                int at = holder.position + CHECKSUM_AT;
                byte[] above = changed.computeIfAbsent(holder.page, other -> other.bytes.clone());
                if (!isPatched(patches, holder.page, at)) {
                    System.arraycopy(checksum, 0, above, at, checksum.length);
                }
            }
        }
        byte[] top = changed.computeIfAbsent(head, page -> page.bytes.clone());
        if (nodes) {
            top[offset(Superblock.LAYOUT, "sealed")] = 1;
            int runs = offset(Superblock.LAYOUT, "run_count");
            Arrays.fill(top, runs, runs + 4, (byte) 0);
            int list = offset(Superblock.LAYOUT, "runs");
            Arrays.fill(top, list, list + 24 * Superblock.MAX_RUNS, (byte) 0);
        }
        if (!isPatched(patches, head, SUPERBLOCK_CHECKSUM_AT)) {
            byte[] checksum = word(Checksum.of(top, 0, SUPERBLOCK_CHECKSUM_AT));
            System.arraycopy(checksum, 0, top, SUPERBLOCK_CHECKSUM_AT, checksum.length);
        }
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            write(damaged, superblock.slot(area, superblock.txg()), top);
        }
        return damaged;
    }

    /// The nodes whose bytes change, children before what points to them.
    private static List<Page> upwards(Set<Page> patched) {
        Set<Page> reached = new LinkedHashSet<>(patched);
        List<Page> todo = new ArrayList<>(patched);
        while (!todo.isEmpty()) {
            for (Link holder : todo.removeLast().holders) {
                if (reached.add(holder.page)) {
                    todo.add(holder.page);
                }
            }
        }
        List<Page> order = new ArrayList<>(reached);
        order.removeIf(Page::isSuperblock);
        order.sort(
                Comparator.comparing((Page page) -> page.tree == TreeId.ROOT)
                        .thenComparing(page -> page.level));
        return order;
    }

    private static boolean isPatched(List<Patch> patches, Page page, int position) {
        return patches.stream()
                .anyMatch(
                        patch ->
                                patch.page == page
                                        && patch.position < position + Long.BYTES
                                        && position < patch.position + patch.bytes.length);
    }

    static byte[] word(long value) {
        byte[] bytes = new byte[Long.BYTES];
        new Layout.U64Field(0).set(bytes, 0, value);
        return bytes;
    }

    private static void write(MemoryDevice device, long address, byte[] bytes) throws IOException {
        if (Blocks.toBytes(address) + bytes.length <= FormatOptions.MIN_SIZE_BYTES) {
            device.write(Blocks.toBytes(address), ByteBuffer.wrap(bytes));
        }
    }
}
