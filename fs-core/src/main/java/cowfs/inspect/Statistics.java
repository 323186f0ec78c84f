package cowfs.inspect;

import cowfs.block.CommittedNode;
import cowfs.btree.Cursor;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.RefcountItem;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Figures of a whole image: how high and how full its trees are, what is in them, how files lie on
/// disk, and what is shared. Each node counts once, for the first tree that reaches it. One walk of
/// all nodes; memory: about 40 bytes for each.
public final class Statistics {
    private final InspectedImage image;
    private final Set<Long> seen = new HashSet<>();
    private final TreeMap<String, Long> items = new TreeMap<>();
    private final Layouts files = new Layouts();

    private Statistics(InspectedImage image) {
        this.image = image;
    }

    /// How the files' extents follow each other.
    private static final class Layouts {
        long inode;
        long end;
        long extents;
        long pieces;
        long blocks;
        long unwritten;
        long inline;
        long fileCount;
        long piecesOfFile;
        long mostPieces;

        void extent(long of, long address, int count, boolean isUnwritten) {
            if (of != inode) {
                inode = of;
                end = 0;
                piecesOfFile = 0;
                fileCount++;
            }
            extents++;
            blocks += count;
            unwritten += isUnwritten ? count : 0;
            if (address != end) {
                pieces++;
                piecesOfFile++;
                mostPieces = Math.max(mostPieces, piecesOfFile);
            }
            end = address + count;
        }
    }

    /// The nodes of a tree that no earlier one reached.
    private static final class Nodes implements TreeWalk.Visitor {
        private final Statistics statistics;
        long count;
        long leaves;
        long usedBytes;
        long leafUsedBytes;

        Nodes(Statistics statistics) {
            this.statistics = statistics;
        }

        @Override
        public boolean enters(InspectedTree tree, BlockPointer pointer, int level, long parent) {
            return statistics.seen.add(pointer.address());
        }

        @Override
        public void node(InspectedTree tree, CommittedNode node, long parent) {
            int used = NodeFacts.used(node.page());
            count++;
            usedBytes += used;
            if (node.isLeaf()) {
                leaves++;
                leafUsedBytes += used;
                statistics.leaf(tree, node);
            }
        }
    }

    /// Walks all trees.
    public static Map<String, @Nullable Object> of(InspectedImage image) throws IOException {
        return new Statistics(image).collect();
    }

    private Map<String, @Nullable Object> collect() throws IOException {
        int nodeBytes = image.superblock().nodeBytes();
        List<Map<String, @Nullable Object>> trees = new ArrayList<>();
        long nodes = 0;
        for (InspectedTree tree : image.trees()) {
            Nodes found = new Nodes(this);
            files.inode = 0;
            new TreeWalk(image, found).walk(tree);
            nodes += found.count;
            Map<String, @Nullable Object> facts = Facts.of();
            facts.put("tree", tree.id());
            facts.put("name", tree.name());
            facts.put("height", tree.root().isNone() ? 0 : tree.level() + 1);
            facts.put("nodes_first_reached", found.count);
            facts.put("leaves", found.leaves);
            facts.put("leaf_fill_percent", percent(found.leafUsedBytes, found.leaves * nodeBytes));
            facts.put("fill_percent", percent(found.usedBytes, found.count * nodeBytes));
            facts.put("nodes", tree.item() == null ? found.count : tree.item().nodeCount());
            facts.put(
                    "referenced_bytes",
                    tree.item() == null ? null : Blocks.toBytes(tree.item().referencedBlocks()));
            trees.add(facts);
        }
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("txg", image.superblock().txg());
        facts.put("node_size", nodeBytes);
        facts.put("nodes", nodes);
        facts.put("trees", trees);
        facts.put("items_by_kind", items);
        facts.put("content", content());
        facts.put("sharing", sharing());
        facts.put("damage", image.damage());
        return facts;
    }

    private static long percent(long part, long whole) {
        return whole == 0 ? 0 : 100 * part / whole;
    }

    private void leaf(InspectedTree tree, CommittedNode node) {
        byte[] page = node.page();
        for (int slot = 0; slot < node.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            int kind = NodePage.kind(page, at);
            items.merge(ItemKind.nameOf(kind), 1L, Long::sum);
            int position = NodePage.valuePosition(page, at);
            if (tree.holdsFiles()
                    && kind == ItemKind.CONTENT.number()
                    && ContentItem.check(page, position, NodePage.valueLength(page, at)) == null) {
                if (ContentItem.namesBlocks(page, position)) {
                    files.extent(
                            NodePage.inode(page, at),
                            ContentItem.ADDRESS.get(page, position),
                            ContentItem.diskBlocks(page, position),
                            ContentItem.ENCODING.get(page, position) == ContentItem.UNWRITTEN);
                } else {
                    files.inline++;
                }
            }
        }
    }

    private Map<String, @Nullable Object> content() {
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("files_with_extents", files.fileCount);
        facts.put("extents", files.extents);
        facts.put("pieces_on_disk", files.pieces);
        facts.put("most_pieces_of_a_file", files.mostPieces);
        facts.put(
                "mean_piece_bytes",
                files.pieces == 0 ? 0 : Blocks.toBytes(files.blocks) / files.pieces);
        facts.put("extent_bytes", Blocks.toBytes(files.blocks));
        facts.put("unwritten_bytes", Blocks.toBytes(files.unwritten));
        facts.put("inline_pieces", files.inline);
        return facts;
    }

    /// A block with n references is needed once and counted n times.
    private Map<String, @Nullable Object> sharing() throws IOException {
        long shared = 0;
        long saved = 0;
        long ranges = 0;
        long most = 1;
        InspectedTree tree = image.lookupTree(TreeId.REFCOUNT);
        if (tree != null) {
            Cursor cursor = image.reader(tree).cursor();
            for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
                if (cursor.kind() == ItemKind.REFCOUNT.number()
                        && cursor.lengthBytes() == RefcountItem.LAYOUT.sizeBytes()) {
                    long blocks = RefcountItem.blockCount(cursor.page(), cursor.position());
                    int count = RefcountItem.count(cursor.page(), cursor.position());
                    ranges++;
                    shared += blocks;
                    saved += blocks * (count - 1L);
                    most = Math.max(most, count);
                }
            }
        }
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("ranges", ranges);
        facts.put("blocks_with_references", shared);
        facts.put("references_beyond_the_first", saved);
        facts.put("most_references", most);
        return facts;
    }
}
