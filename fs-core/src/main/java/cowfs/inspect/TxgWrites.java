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
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one transaction group wrote and a tree still reaches: nodes and extents that were born in
/// it.
///
/// A node is never older than what is below it, so the walk stops at each node that is older than
/// the group: its cost follows what was changed since. Memory: about 50 bytes for each block of
/// content that the group wrote.
public final class TxgWrites {
    private static final int MAX_LISTED = 1000;

    private final InspectedImage image;
    private final long txg;
    private final Set<Long> seen = new HashSet<>();
    private final List<Map<String, @Nullable Object>> nodes = new ArrayList<>();
    private final Map<String, Map<String, @Nullable Object>> files = new LinkedHashMap<>();
    private final Map<String, Long> bytes = new HashMap<>();
    private long nodeCount;

    /// Blocks of file content: more than one item may name them.
    private final Set<Long> data = new HashSet<>();

    private TxgWrites(InspectedImage image, long txg) {
        this.image = image;
        this.txg = txg;
    }

    /// Walks all trees as far as they are young enough.
    ///
    /// @throws RequestException `INVALID` for a group that has not been
    public static Map<String, @Nullable Object> of(InspectedImage image, long txg)
            throws IOException {
        if (txg < 1 || txg > image.superblock().txg()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "there is no txg " + txg + ": the image has 1 to " + image.superblock().txg());
        }
        TxgWrites writes = new TxgWrites(image, txg);
        for (InspectedTree tree : image.trees()) {
            new TreeWalk(image, writes.new Search()).walk(tree);
        }
        return writes.facts();
    }

    private Map<String, @Nullable Object> facts() {
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("txg", txg);
        facts.put("node_count", nodeCount);
        facts.put(
                "metadata_bytes",
                nodeCount * image.superblock().nodeBytes() * image.superblock().metadataCopies());
        facts.put("data_bytes", Blocks.toBytes(data.size()));
        facts.put("nodes", nodes);
        facts.put("files", List.copyOf(files.values()));
        facts.put("damage", image.damage());
        return facts;
    }

    private final class Search implements TreeWalk.Visitor {
        @Override
        public boolean enters(InspectedTree tree, BlockPointer pointer, int level, long parent) {
            if (pointer.birthTxg() < txg || !seen.add(pointer.address())) {
                return false;
            }
            if (pointer.birthTxg() == txg) {
                nodeCount++;
                if (nodes.size() < MAX_LISTED) {
                    Map<String, @Nullable Object> node = Facts.of();
                    node.put("tree", tree.id());
                    node.put("name", tree.name());
                    node.put("block", pointer.address());
                    node.put("level", level);
                    nodes.add(node);
                }
            }
            return true;
        }

        @Override
        public void node(InspectedTree tree, CommittedNode node, long parent) throws IOException {
            if (!node.isLeaf() || !tree.holdsFiles()) {
                return;
            }
            byte[] page = node.page();
            for (int slot = 0; slot < node.itemCount(); slot++) {
                int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
                int position = NodePage.valuePosition(page, at);
                if (NodePage.kind(page, at) == ItemKind.CONTENT.number()
                        && ContentItem.check(page, position, NodePage.valueLength(page, at)) == null
                        && ContentItem.namesBlocks(page, position)
                        && ContentItem.BIRTH_TXG.get(page, position) == txg) {
                    int blocks = ContentItem.diskBlocks(page, position);
                    long first = ContentItem.ADDRESS.get(page, position);
                    for (long block = first; block < first + blocks; block++) {
                        data.add(block);
                    }
                    add(tree, NodePage.inode(page, at), blocks);
                }
            }
        }

        private void add(InspectedTree tree, long inode, int blocks) throws IOException {
            String key = tree.id() + "/" + inode;
            Map<String, @Nullable Object> file = files.get(key);
            if (file == null) {
                if (files.size() >= MAX_LISTED) {
                    return;
                }
                file = Facts.of();
                file.put("tree", tree.id());
                file.put("name", tree.name());
                file.put("inode", inode);
                file.put("path", InodePaths.lookup(image.reader(tree), inode));
                files.put(key, file);
            }
            bytes.merge(key, Blocks.toBytes(blocks), Long::sum);
            file.put("bytes", bytes.get(key));
        }
    }
}
