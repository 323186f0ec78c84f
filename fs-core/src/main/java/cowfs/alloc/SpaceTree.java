package cowfs.alloc;

import cowfs.block.OwnedNode;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.GroupItem;
import cowfs.format.GroupItem.Use;
import cowfs.format.ItemKind;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The space tree: which blocks the state that is being committed has allocated, as bitmaps and
/// summaries.
///
/// Only the commit changes it. The allocator reads bitmaps of groups that it has not loaded yet at
/// any time. Both take this object's monitor; the order is space map, then space tree.
public final class SpaceTree {
    private final BTree tree;
    private long deviceBlocks;

    public SpaceTree(BTree tree, long deviceBlocks) {
        this.tree = tree;
        this.deviceBlocks = deviceBlocks;
    }

    /// The tree itself, for the commit.
    public BTree tree() {
        return tree;
    }

    /// The bits of a group; all clear for a group without a bitmap.
    public synchronized long[] load(long group) throws IOException {
        long[] words = new long[GroupItem.BITMAP_WORDS];
        Cursor cursor = tree.cursor();
        if (tree.find(cursor, GroupItem.BITMAP_KEY, ItemKind.GROUP_BITMAP.number(), group)) {
            GroupItem.validateBitmap(cursor.lengthBytes(), group);
            for (int i = 0; i < words.length; i++) {
                words[i] = GroupItem.word(cursor.page(), cursor.position(), i);
            }
        }
        return words;
    }

    /// Puts the committed root in the place of the frozen one.
    public synchronized void committed() {
        if (tree.root() instanceof OwnedNode frozen) {
            tree.committed(frozen);
        }
    }

    /// Reads all summaries into arrays with an entry for each group; groups without one are free.
    public synchronized void loadSummaries(int[] free, Use[] use) throws IOException {
        for (int group = 0; group < free.length; group++) {
            free[group] = SpaceMap.groupBlocks(deviceBlocks, group);
        }
        Arrays.fill(use, Use.UNUSED);
        Cursor cursor = tree.cursor();
        for (boolean more = cursor.seek(GroupItem.SUMMARY_KEY, ItemKind.GROUP_SUMMARY.number(), 0);
                more && cursor.inode() == GroupItem.SUMMARY_KEY;
                more = cursor.next()) {
            long region = cursor.offset();
            if (cursor.kind() != ItemKind.GROUP_SUMMARY.number()
                    || region < 0
                    || region > (free.length - 1) / GroupItem.GROUPS_PER_SUMMARY) {
                throw new CorruptException(
                        "group_summary", "region=" + region, "there is no such region");
            }
            GroupItem.validateSummary(
                    cursor.page(), cursor.position(), cursor.lengthBytes(), region);
            int first = (int) region * GroupItem.GROUPS_PER_SUMMARY;
            for (int i = 0; i < GroupItem.GROUPS_PER_SUMMARY && first + i < free.length; i++) {
                Use found = GroupItem.use(cursor.page(), cursor.position(), i);
                if (found != Use.UNUSED) {
                    free[first + i] = GroupItem.freeCount(cursor.page(), cursor.position(), i);
                    use[first + i] = found;
                }
            }
        }
    }

    /// Takes note of another size of the image: of the group that the nearer end lies in, and of
    /// the summaries of what is not there any more.
    ///
    /// @param map has the new size already
    public void resize(long newDeviceBlocks, SpaceMap map) throws IOException {
        long group = Math.min(deviceBlocks, newDeviceBlocks) >>> Blocks.GROUP_SHIFT;
        Use use = map.use(group);
        synchronized (this) {
            deviceBlocks = newDeviceBlocks;
            if (use != Use.UNUSED) {
                byte[] bitmap = new byte[GroupItem.BITMAP_BYTES];
                read(group, bitmap);
                store(group, bitmap, Map.of(group, use));
            }
            int last = (SpaceMap.groupCount(newDeviceBlocks) - 1) / GroupItem.GROUPS_PER_SUMMARY;
            Cursor cursor = tree.cursor();
            while (cursor.seek(GroupItem.SUMMARY_KEY, ItemKind.GROUP_SUMMARY.number(), last + 1)
                    && cursor.inode() == GroupItem.SUMMARY_KEY
                    && cursor.kind() == ItemKind.GROUP_SUMMARY.number()) {
                tree.remove(cursor.inode(), cursor.kind(), cursor.offset());
                cursor = tree.cursor();
            }
        }
    }

    /// Records blocks that belong to no tree: the superblock areas, when an image is made.
    public void markReserved(long address, int blockCount, SpaceMap map) throws IOException {
        List<Range> range = List.of(new Range(address, blockCount));
        markAll(range, true, usesOf(range, map));
    }

    /// Records that ranges became allocated or free.
    ///
    /// @param ranges ascending by address and not overlapping
    /// @param allocated which of the two; every block must have been the other before
    /// @param map says what each group is used for
    public void mark(List<Range> ranges, boolean allocated, SpaceMap map) throws IOException {
        for (Range range : ranges) {
            if (range.address() <= 0 || range.end() > deviceBlocks) {
                throw new IllegalStateException(range + " leaves the image");
            }
        }
        markAll(ranges, allocated, usesOf(ranges, map));
    }

    /// Asks the space map before this object's monitor is taken: the map takes it the other way
    /// round.
    private static Map<Long, Use> usesOf(List<Range> ranges, SpaceMap map) {
        Map<Long, Use> uses = new HashMap<>();
        for (Range range : ranges) {
            long last = (range.end() - 1) >>> Blocks.GROUP_SHIFT;
            for (long group = range.address() >>> Blocks.GROUP_SHIFT; group <= last; group++) {
                uses.computeIfAbsent(group, map::use);
            }
        }
        return uses;
    }

    private synchronized void markAll(List<Range> ranges, boolean allocated, Map<Long, Use> uses)
            throws IOException {
        byte[] bitmap = new byte[GroupItem.BITMAP_BYTES];
        long current = -1;
        for (Range range : ranges) {
            for (long at = range.address(); at < range.end(); ) {
                long group = at >>> Blocks.GROUP_SHIFT;
                if (group != current) {
                    store(current, bitmap, uses);
                    read(group, bitmap);
                    current = group;
                }
                long end = Math.min(range.end(), (group + 1) << Blocks.GROUP_SHIFT);
                flip(bitmap, (int) (at & (Blocks.PER_GROUP - 1)), (int) (end - at), allocated, at);
                at = end;
            }
        }
        store(current, bitmap, uses);
    }

    private void read(long group, byte[] bitmap) throws IOException {
        Cursor cursor = tree.cursor();
        if (tree.find(cursor, GroupItem.BITMAP_KEY, ItemKind.GROUP_BITMAP.number(), group)) {
            GroupItem.validateBitmap(cursor.lengthBytes(), group);
            System.arraycopy(cursor.page(), cursor.position(), bitmap, 0, bitmap.length);
        } else {
            Arrays.fill(bitmap, (byte) 0);
        }
    }

    private static void flip(byte[] bitmap, int from, int count, boolean allocated, long address) {
        for (int bit = from; bit < from + count; ) {
            int word = bit >>> 6;
            int low = bit & 63;
            int bits = Math.min(64 - low, from + count - bit);
            long mask = (bits == 64 ? -1L : (1L << bits) - 1) << low;
            long old = GroupItem.word(bitmap, 0, word);
            if ((old & mask) != (allocated ? 0 : mask)) {
                throw new IllegalStateException(
                        "a block in "
                                + address
                                + "+"
                                + count
                                + " is "
                                + (allocated ? "allocated twice" : "freed twice"));
            }
            GroupItem.setWord(bitmap, 0, word, old ^ mask);
            bit += bits;
        }
    }

    private void store(long group, byte[] bitmap, Map<Long, Use> uses) throws IOException {
        if (group < 0) {
            return;
        }
        int allocated = 0;
        for (int i = 0; i < GroupItem.BITMAP_WORDS; i++) {
            allocated += Long.bitCount(GroupItem.word(bitmap, 0, i));
        }
        if (allocated == 0) {
            tree.remove(GroupItem.BITMAP_KEY, ItemKind.GROUP_BITMAP.number(), group);
            storeSummary(group, 0, Use.UNUSED);
        } else {
            tree.put(GroupItem.BITMAP_KEY, ItemKind.GROUP_BITMAP.number(), group, bitmap);
            Use use = uses.get(group);
            if (use == null || use == Use.UNUSED) {
                throw new IllegalStateException(
                        "group " + group + " has allocated blocks and no use");
            }
            storeSummary(group, SpaceMap.groupBlocks(deviceBlocks, group) - allocated, use);
        }
    }

    private void storeSummary(long group, int free, Use use) throws IOException {
        long region = group / GroupItem.GROUPS_PER_SUMMARY;
        int entry = (int) (group % GroupItem.GROUPS_PER_SUMMARY);
        Cursor cursor = tree.cursor();
        byte[] summary =
                tree.find(cursor, GroupItem.SUMMARY_KEY, ItemKind.GROUP_SUMMARY.number(), region)
                        ? cursor.value()
                        : new byte[GroupItem.SUMMARY_BYTES];
        GroupItem.setEntry(summary, 0, entry, free, use);
        tree.put(GroupItem.SUMMARY_KEY, ItemKind.GROUP_SUMMARY.number(), region, summary);
    }
}
