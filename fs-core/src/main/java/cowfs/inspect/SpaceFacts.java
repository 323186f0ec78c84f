package cowfs.inspect;

import cowfs.alloc.Refcounts;
import cowfs.alloc.SpaceMap;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.Blocks;
import cowfs.format.GroupItem;
import cowfs.format.ItemKind;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The space map, group by group, as the space tree has it: the use and the free count that the
/// summaries state, and the blocks that the bitmaps call allocated.
public final class SpaceFacts {
    private static final String[] USES = {"unused", "data", "metadata"};

    private SpaceFacts() {}

    /// What is known of a group.
    private static final class Group {
        int use;
        int summaryFree = -1;
        int allocated = -1;
        String runs = "";
    }

    /// All groups in use, or one with its allocated blocks.
    ///
    /// @param only a group, or -1 for all
    public static Map<String, @Nullable Object> of(InspectedImage image, long only)
            throws IOException {
        long deviceBlocks = image.superblock().deviceBlocks();
        int groupCount = SpaceMap.groupCount(deviceBlocks);
        if (only >= groupCount || only < -1) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "there is no group " + only + ": the image has 0 to " + (groupCount - 1));
        }
        Map<Long, Group> groups = groups(image, only);
        long[] blocks = new long[USES.length];
        long[] counts = new long[USES.length];
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        groups.forEach(
                (number, group) -> {
                    counts[group.use]++;
                    blocks[group.use] += Math.max(0, group.allocated);
                    items.add(describe(number, group, deviceBlocks, only >= 0));
                });
        Map<String, @Nullable Object> facts = Facts.of();
        facts.put("group_blocks", Blocks.PER_GROUP);
        facts.put("groups", groupCount);
        facts.put("data_groups", counts[1]);
        facts.put("metadata_groups", counts[2]);
        facts.put("data_blocks", blocks[1]);
        facts.put("metadata_blocks", blocks[2]);
        facts.put("items", items);
        facts.put("damage", image.damage());
        return facts;
    }

    private static Map<String, @Nullable Object> describe(
            long number, Group group, long deviceBlocks, boolean withRuns) {
        long size = SpaceMap.groupBlocks(deviceBlocks, number);
        Map<String, @Nullable Object> item = Facts.of();
        item.put("group", number);
        item.put("first_block", number << Blocks.GROUP_SHIFT);
        item.put("use", useName(group.use));
        item.put("blocks", size);
        item.put("allocated", group.allocated < 0 ? null : group.allocated);
        item.put("free", group.summaryFree < 0 ? null : group.summaryFree);
        String problem = null;
        if (group.allocated < 0) {
            problem = "its bitmap is missing";
        } else if (group.summaryFree < 0) {
            problem = "its summary is missing";
        } else if (size - group.allocated != group.summaryFree) {
            problem = "summary and bitmap differ";
        }
        item.put("problem", problem);
        if (withRuns) {
            item.put("allocated_runs", group.runs);
        }
        return item;
    }

    private static Map<Long, Group> groups(InspectedImage image, long only) throws IOException {
        Map<Long, Group> groups = new TreeMap<>();
        InspectedTree space = image.lookupTree(TreeId.SPACE);
        if (space == null) {
            image.noteDamage("the space tree has no root");
            return groups;
        }
        Cursor cursor = image.reader(space).cursor();
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            byte[] page = cursor.page();
            int at = cursor.position();
            if (cursor.kind() == ItemKind.GROUP_SUMMARY.number()
                    && cursor.lengthBytes() == GroupItem.SUMMARY_BYTES) {
                long first = cursor.offset() * GroupItem.GROUPS_PER_SUMMARY;
                for (int i = 0; i < GroupItem.GROUPS_PER_SUMMARY; i++) {
                    int use = GroupItem.useNumber(page, at, i);
                    if (use != 0 && use < USES.length && (only < 0 || only == first + i)) {
                        Group group = groups.computeIfAbsent(first + i, _ -> new Group());
                        group.use = use;
                        group.summaryFree = GroupItem.freeCount(page, at, i);
                    }
                }
            } else if (cursor.kind() == ItemKind.GROUP_BITMAP.number()
                    && cursor.lengthBytes() == GroupItem.BITMAP_BYTES
                    && (only < 0 || only == cursor.offset())) {
                Group group = groups.computeIfAbsent(cursor.offset(), _ -> new Group());
                group.allocated = 0;
                for (int word = 0; word < GroupItem.BITMAP_WORDS; word++) {
                    group.allocated += Long.bitCount(GroupItem.word(page, at, word));
                }
                group.runs = runs(page, at);
            }
        }
        return groups;
    }

    static String useName(int use) {
        return use < USES.length ? USES[use] : "use-" + use;
    }

    /// The allocated blocks of a bitmap, counted from the start of its group: `0-63, 70`.
    static String runs(byte[] bitmap, int base) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < Blocks.PER_GROUP; ) {
            if (!isSet(bitmap, base, bit)) {
                bit++;
                continue;
            }
            int end = bit;
            while (end + 1 < Blocks.PER_GROUP && isSet(bitmap, base, end + 1)) {
                end++;
            }
            text.append(text.isEmpty() ? "" : ", ")
                    .append(bit == end ? String.valueOf(bit) : bit + "-" + end);
            bit = end + 1;
        }
        return text.toString();
    }

    static boolean isSet(byte[] bitmap, int base, int bit) {
        return (GroupItem.word(bitmap, base, bit >>> 6) >>> bit & 1) != 0;
    }

    /// Whether the space tree calls a block allocated; null when it does not say.
    static @Nullable Boolean isAllocated(InspectedImage image, long block) throws IOException {
        InspectedTree space = image.lookupTree(TreeId.SPACE);
        if (space == null) {
            return null;
        }
        BTree tree = image.reader(space);
        Cursor cursor = tree.cursor();
        long group = block >>> Blocks.GROUP_SHIFT;
        boolean found =
                tree.find(cursor, GroupItem.BITMAP_KEY, ItemKind.GROUP_BITMAP.number(), group);
        return found
                && cursor.lengthBytes() == GroupItem.BITMAP_BYTES
                && isSet(cursor.page(), cursor.position(), (int) (block & (Blocks.PER_GROUP - 1)));
    }

    /// The reference counts as far as they can be read.
    static Refcounts refcounts(InspectedImage image) {
        InspectedTree tree = image.lookupTree(TreeId.REFCOUNT);
        BTree reader =
                tree == null
                        ? BTree.reader(image.nodes(), TreeId.REFCOUNT, null)
                        : image.reader(tree);
        return new Refcounts(reader, image.superblock().deviceBlocks());
    }
}
