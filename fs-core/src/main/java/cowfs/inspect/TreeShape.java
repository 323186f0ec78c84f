package cowfs.inspect;

import cowfs.alloc.Refcounts;
import cowfs.block.CommittedNode;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The nodes of a tree, and the way from its root to a key.
public final class TreeShape {
    private TreeShape() {}

    /// The trees of an image.
    public static Map<String, @Nullable Object> trees(InspectedImage image) {
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        for (InspectedTree tree : image.trees()) {
            Map<String, @Nullable Object> item = Facts.of();
            item.put("tree", tree.id());
            item.put("name", tree.name());
            item.putAll(Facts.of(tree.root(), tree.level()));
            items.add(item);
        }
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("items", items);
        facts.put("damage", image.damage());
        return facts;
    }

    /// The nodes of a tree, parents before children.
    ///
    /// @param limit the most that are listed; all are counted
    public static Map<String, @Nullable Object> of(InspectedImage image, String name, int limit)
            throws IOException {
        InspectedTree tree = image.tree(name);
        Refcounts counts = SpaceFacts.refcounts(image);
        List<Map<String, @Nullable Object>> nodes = new ArrayList<>();
        long[] count = new long[1];
        Map<Long, Map<String, @Nullable Object>> unread = new HashMap<>();
        new TreeWalk(
                        image,
                        new TreeWalk.Visitor() {
                            @Override
                            public boolean enters(
                                    InspectedTree of, BlockPointer pointer, int level, long parent)
                                    throws IOException {
                                count[0]++;
                                if (nodes.size() < limit) {
                                    Map<String, @Nullable Object> node = Facts.of(pointer, level);
                                    node.put("parent", parent == 0 ? null : parent);
                                    node.put("references", counts.count(pointer.address()));
                                    node.put("readable", false);
                                    nodes.add(node);
                                    unread.put(pointer.address(), node);
                                }
                                return nodes.size() < limit || level > 0;
                            }

                            @Override
                            public void node(InspectedTree of, CommittedNode node, long parent) {
                                Map<String, @Nullable Object> listed =
                                        unread.remove(node.pointer().address());
                                if (listed != null) {
                                    describe(listed, node);
                                }
                            }
                        })
                .walk(tree);
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("tree", tree.id());
        facts.put("name", tree.name());
        facts.put("node_count", count[0]);
        facts.put("nodes", nodes);
        facts.put("damage", image.damage());
        return facts;
    }

    private static void describe(Map<String, @Nullable Object> listed, CommittedNode node) {
        byte[] page = node.page();
        listed.put("readable", true);
        listed.put("owner", NodePage.owner(page));
        listed.put("items", node.itemCount());
        listed.put("fill_percent", 100L * NodeFacts.used(page) / page.length);
        if (node.itemCount() > 0) {
            int size = NodePage.slotBytes(page);
            listed.put("first_key", key(page, NodePage.slotPosition(0, size)));
            listed.put("last_key", key(page, NodePage.slotPosition(node.itemCount() - 1, size)));
        }
    }

    static String key(byte[] page, int slotPosition) {
        return Long.toUnsignedString(NodePage.inode(page, slotPosition))
                + "/"
                + ItemKind.nameOf(NodePage.kind(page, slotPosition))
                + "/"
                + Long.toUnsignedString(NodePage.offset(page, slotPosition));
    }

    /// The way from a root to a key: in each node the slot that leads on, and in the leaf the item,
    /// or the one in front of which it would be.
    public static Map<String, @Nullable Object> path(
            InspectedImage image, String name, long inode, int kind, long offset)
            throws IOException {
        InspectedTree tree = image.tree(name);
        List<Map<String, @Nullable Object>> steps = new ArrayList<>();
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("tree", tree.id());
        facts.put("name", tree.name());
        facts.put("path", steps);
        facts.put("found", false);
        BlockPointer pointer = tree.root();
        for (int level = tree.level(); level >= 0 && !pointer.isNone(); level--) {
            Map<String, @Nullable Object> step = Facts.of(pointer, level);
            steps.add(step);
            CommittedNode node = image.read(tree.id(), pointer, level);
            if (node == null) {
                step.put("problem", "no copy of it can be read");
                break;
            }
            byte[] page = node.page();
            step.put("items", node.itemCount());
            if (node.itemCount() == 0) {
                break;
            }
            if (level > 0) {
                int slot = node.childSlot(inode, kind, offset);
                int at = NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES);
                step.put("slot", slot);
                step.put("bound", key(page, at));
                pointer = NodePage.pointer(page, at);
            } else {
                leaf(facts, step, page, inode, kind, offset);
            }
        }
        facts.put("damage", image.damage());
        return facts;
    }

    private static void leaf(
            Map<String, @Nullable Object> facts,
            Map<String, @Nullable Object> step,
            byte[] page,
            long inode,
            int kind,
            long offset) {
        int slot = NodePage.lowerBound(page, NodePage.LEAF_SLOT_BYTES, inode, kind, offset);
        step.put("slot", slot);
        if (slot < NodePage.itemCount(page)) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            step.put("bound", key(page, at));
            facts.put("found", NodePage.compareKey(page, at, inode, kind, offset) == 0);
            facts.put("item", RecordReader.item(page, slot));
        }
    }

    /// The number of a kind.
    ///
    /// @throws RequestException `INVALID`
    public static int kind(String text) throws RequestException {
        for (ItemKind kind : ItemKind.values()) {
            if (kind.name().equalsIgnoreCase(text)
                    || Integer.toString(kind.number()).equals(text)) {
                return kind.number();
            }
        }
        throw new RequestException(
                ErrorKind.INVALID,
                "'"
                        + text
                        + "' is no kind of item: docs/format.md has the list, such as inode, dirent, content");
    }
}
