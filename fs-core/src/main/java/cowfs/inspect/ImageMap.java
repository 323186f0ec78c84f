package cowfs.inspect;

import cowfs.block.CommittedNode;
import cowfs.check.BlockTable;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who holds what of an image: for each subvolume and snapshot what it shares with which others,
/// and a map of the image in cells, each with its owner, its fill and the age of what is in it.
///
/// One walk of all nodes finds the edges between them; who reaches a node is then the union over
/// the nodes above it, from the top level down. So a thousand snapshots cost no more than their own
/// nodes. Memory: about 100 bytes for each node and one for each block in use, less where
/// neighbours have one owner.
public final class ImageMap {
    /// Partners that are listed for one subvolume or snapshot.
    private static final int MAX_PARTNERS = 5;

    private final InspectedImage image;
    private final int cellCount;
    private final OwnerSets sets = new OwnerSets();
    private final Map<Long, Integer> setOfNode = new HashMap<>();
    private final List<Map<Long, BlockPointer>> byLevel = new ArrayList<>();
    private final List<InspectedTree> owners = new ArrayList<>();
    private final BlockTable setOfBlock;
    private final long[] cellBirth;
    private final long[] cellData;
    private final long[] cellMetadata;
    private final List<Map<Integer, Long>> cellSets = new ArrayList<>();

    private ImageMap(InspectedImage image, int cellCount) {
        this.image = image;
        this.cellCount = (int) Math.min(cellCount, image.superblock().deviceBlocks());
        this.setOfBlock = new BlockTable(image.superblock().deviceBlocks());
        this.cellBirth = new long[this.cellCount];
        this.cellData = new long[this.cellCount];
        this.cellMetadata = new long[this.cellCount];
        for (int i = 0; i < this.cellCount; i++) {
            cellSets.add(new HashMap<>());
        }
        for (int level = 0; level <= NodePage.MAX_LEVEL; level++) {
            byLevel.add(new HashMap<>());
        }
    }

    /// Walks all trees.
    ///
    /// @param cellCount cells of the map
    public static Map<String, @Nullable Object> of(InspectedImage image, int cellCount)
            throws IOException {
        ImageMap map = new ImageMap(image, cellCount);
        map.roots();
        for (int level = NodePage.MAX_LEVEL; level >= 0; level--) {
            for (Map.Entry<Long, BlockPointer> each : map.byLevel.get(level).entrySet()) {
                map.node(each.getValue(), level);
            }
        }
        return map.facts();
    }

    private void roots() {
        for (InspectedTree tree : image.trees()) {
            int set = OwnerSets.NONE;
            if (tree.holdsFiles() && !tree.isReclaimed()) {
                set = sets.of(owners.size());
                owners.add(tree);
            }
            reach(tree.root(), tree.level(), set);
        }
    }

    /// Takes note of a pointer to a node from above, which comes before the node's own turn.
    private void reach(BlockPointer pointer, int level, int set) {
        boolean inside =
                level >= 0
                        && level <= NodePage.MAX_LEVEL
                        && pointer.address() > 0
                        && pointer.address() < image.superblock().deviceBlocks();
        if (inside) {
            byLevel.get(level).put(pointer.address(), pointer);
            setOfNode.merge(pointer.address(), set, sets::union);
        }
    }

    private void node(BlockPointer pointer, int level) {
        CommittedNode node = image.read(0, pointer, level);
        if (node == null) {
            return;
        }
        int set = setOfNode.getOrDefault(pointer.address(), OwnerSets.NONE);
        int nodeBlocks = image.superblock().nodeBytes() / Blocks.SIZE;
        metadata(pointer.address(), nodeBlocks, pointer.birthTxg());
        if (pointer.copyAddress() > 0) {
            metadata(pointer.copyAddress(), nodeBlocks, pointer.birthTxg());
        }
        byte[] page = node.page();
        for (int slot = 0; slot < node.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.slotBytes(page));
            if (level > 0) {
                reach(NodePage.pointer(page, at), level - 1, set);
            } else if (set != OwnerSets.NONE
                    && NodePage.kind(page, at) == ItemKind.CONTENT.number()) {
                content(page, at, set);
            }
        }
    }

    private void content(byte[] page, int slotPosition, int set) {
        int position = NodePage.valuePosition(page, slotPosition);
        boolean names =
                ContentItem.check(page, position, NodePage.valueLength(page, slotPosition)) == null
                        && ContentItem.namesBlocks(page, position);
        if (!names) {
            return;
        }
        long first = ContentItem.ADDRESS.get(page, position);
        long end =
                Math.min(
                        first + ContentItem.diskBlocks(page, position),
                        image.superblock().deviceBlocks());
        long birth = ContentItem.BIRTH_TXG.get(page, position);
        for (long block = first; block < end; block++) {
            int known = setOfBlock.get(block);
            setOfBlock.set(block, sets.union(known, set));
            if (known == OwnerSets.NONE) {
                int cell = cell(block);
                cellData[cell]++;
                cellBirth[cell] = Math.max(cellBirth[cell], birth);
            }
        }
    }

    private void metadata(long first, int count, long birth) {
        for (long block = first;
                block < Math.min(first + count, image.superblock().deviceBlocks());
                block++) {
            int cell = cell(block);
            cellMetadata[cell]++;
            cellBirth[cell] = Math.max(cellBirth[cell], birth);
        }
    }

    private int cell(long block) {
        return (int) (block * cellCount / image.superblock().deviceBlocks());
    }

    private Map<String, @Nullable Object> facts() {
        long[] bytesOfSet = new long[sets.count()];
        for (int group = 0; group < setOfBlock.groupCount(); group++) {
            if (!setOfBlock.isZero(group)) {
                long end =
                        Math.min(
                                (group + 1L) << Blocks.GROUP_SHIFT,
                                image.superblock().deviceBlocks());
                for (long block = (long) group << Blocks.GROUP_SHIFT; block < end; block++) {
                    int set = setOfBlock.get(block);
                    if (set != OwnerSets.NONE) {
                        bytesOfSet[set] += Blocks.SIZE;
                        cellSets.get(cell(block)).merge(set, 1L, Long::sum);
                    }
                }
            }
        }
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("owners", sharing(bytesOfSet));
        facts.put("blocks_of_a_cell", image.superblock().deviceBlocks() / cellCount);
        facts.put("cells", cells());
        facts.put("damage", image.damage());
        return facts;
    }

    private List<Map<String, @Nullable Object>> sharing(long[] bytesOfSet) {
        long[][] pairs = new long[owners.size()][owners.size()];
        long[] exclusive = new long[owners.size()];
        for (int set = 1; set < bytesOfSet.length; set++) {
            BitSet members = sets.get(set);
            if (members.cardinality() == 1) {
                exclusive[members.nextSetBit(0)] += bytesOfSet[set];
            }
            for (int a = members.nextSetBit(0); a >= 0; a = members.nextSetBit(a + 1)) {
                for (int b = members.nextSetBit(0); b >= 0; b = members.nextSetBit(b + 1)) {
                    pairs[a][b] += bytesOfSet[set];
                }
            }
        }
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        for (int owner = 0; owner < owners.size(); owner++) {
            Map<String, @Nullable Object> item = Facts.of();
            item.put("tree", owners.get(owner).id());
            item.put("name", owners.get(owner).name());
            item.put("data", pairs[owner][owner]);
            item.put("exclusive_data", exclusive[owner]);
            item.put("shared_with", partners(owner, pairs[owner]));
            items.add(item);
        }
        return items;
    }

    private List<Map<String, @Nullable Object>> partners(int owner, long[] bytes) {
        List<Integer> others = new ArrayList<>();
        for (int other = 0; other < bytes.length; other++) {
            if (other != owner && bytes[other] > 0) {
                others.add(other);
            }
        }
        others.sort((a, b) -> Long.compare(bytes[b], bytes[a]));
        List<Map<String, @Nullable Object>> partners = new ArrayList<>();
        for (int other : others.subList(0, Math.min(others.size(), MAX_PARTNERS))) {
            Map<String, @Nullable Object> partner = Facts.of();
            partner.put("name", owners.get(other).name());
            partner.put("bytes", bytes[other]);
            partners.add(partner);
        }
        return partners;
    }

    /// The cells with anything in them.
    private List<Map<String, @Nullable Object>> cells() {
        List<Map<String, @Nullable Object>> cells = new ArrayList<>();
        long perCell = Math.max(1, image.superblock().deviceBlocks() / cellCount);
        for (int cell = 0; cell < cellCount; cell++) {
            long used = cellData[cell] + cellMetadata[cell];
            if (used == 0) {
                continue;
            }
            Map<String, @Nullable Object> facts = Facts.of();
            facts.put("cell", cell);
            facts.put("use", cellMetadata[cell] > cellData[cell] ? "metadata" : "data");
            facts.put("owner", owner(cell));
            facts.put("fill_percent", Math.clamp(100 * used / perCell, 1, 100));
            facts.put("birth_txg", cellBirth[cell]);
            cells.add(facts);
        }
        return cells;
    }

    /// The one that holds most of a cell's data, `shared` when most of it has several.
    private @Nullable String owner(int cell) {
        int best = OwnerSets.NONE;
        long most = 0;
        for (Map.Entry<Integer, Long> each : cellSets.get(cell).entrySet()) {
            if (each.getValue() > most) {
                most = each.getValue();
                best = each.getKey();
            }
        }
        if (best == OwnerSets.NONE) {
            return null;
        }
        BitSet members = sets.get(best);
        return members.cardinality() == 1 ? owners.get(members.nextSetBit(0)).name() : "shared";
    }
}
