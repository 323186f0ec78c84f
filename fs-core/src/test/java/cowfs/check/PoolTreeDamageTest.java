package cowfs.check;

import static cowfs.check.FileItemDamageTest.assertCodes;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.check.ImageSurgeon.Place;
import cowfs.device.MemoryDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.BookmarkItem;
import cowfs.format.ContentItem;
import cowfs.format.GroupItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import cowfs.format.PendingItem;
import cowfs.format.RefcountItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.EnumSet;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Damage of pointers, counts and space under checksums that are right.
final class PoolTreeDamageTest {
    private static final long MAIN = TreeId.FIRST_SUBVOLUME;
    private static final long SNAPSHOT = MAIN + 1;

    private static MemoryDevice sound;

    private final ImageSurgeon surgeon;

    @BeforeAll
    static void makeImage() throws IOException {
        sound = SampleImages.full(16384, 2);
    }

    PoolTreeDamageTest() throws IOException {
        surgeon = new ImageSurgeon(sound);
    }

    private void assertFound(DamageCode first, DamageCode... others) throws IOException {
        assertCodes(surgeon.close(), EnumSet.of(first, others));
    }

    /// One damage that has others in its wake.
    private void assertAmong(DamageCode code) throws IOException {
        CheckResult result = CheckerTest.check(surgeon.close());
        assertTrue(
                result.findings().stream().anyMatch(damage -> damage.code() == code),
                () -> "findings: " + result.findings());
    }

    private void editSubvolume(long tree, UnaryOperator<SubvolumeItem> edit) throws IOException {
        Place place =
                surgeon.get(TreeId.ROOT, ItemKind.SUBVOLUME, (key, item) -> key.inode() == tree);
        surgeon.replace(place, edit.apply(ImageSurgeon.subvolume(place)).toBytes());
    }

    private static SubvolumeItem with(
            SubvolumeItem item,
            long parent,
            long lastSnapshot,
            long next,
            long blocks,
            long nodes) {
        return new SubvolumeItem(
                item.root(),
                item.rootLevel(),
                item.uuid(),
                parent,
                item.originTree(),
                item.createdTxg(),
                item.createdSeconds(),
                item.createdNanos(),
                lastSnapshot,
                next,
                blocks,
                nodes,
                item.inodeCount(),
                0,
                item.name());
    }

    /// Sets or clears the bit of a block and keeps the summary in step.
    private void mark(long block, boolean allocated) {
        long group = block >>> Blocks.GROUP_SHIFT;
        Place bitmap =
                surgeon.get(
                        TreeId.SPACE, ItemKind.GROUP_BITMAP, (key, item) -> key.offset() == group);
        int bit = (int) (block & (Blocks.PER_GROUP - 1));
        bitmap.page()[bitmap.position() + (bit >>> 3)] ^= (byte) (1 << (bit & 7));
        Place summary = surgeon.get(TreeId.SPACE, ItemKind.GROUP_SUMMARY);
        int free = GroupItem.freeCount(summary.page(), summary.position(), (int) group);
        GroupItem.setEntry(
                summary.page(),
                summary.position(),
                (int) group,
                free + (allocated ? -1 : 1),
                GroupItem.use(summary.page(), summary.position(), (int) group));
    }

    private long freeBlockBesideData() {
        Place summary = surgeon.get(TreeId.SPACE, ItemKind.GROUP_SUMMARY);
        Place bitmap =
                surgeon.get(
                        TreeId.SPACE,
                        ItemKind.GROUP_BITMAP,
                        (key, item) -> isData(summary, (int) key.offset()) && freeBit(item) >= 0);
        return (bitmap.key().offset() << Blocks.GROUP_SHIFT) + freeBit(bitmap);
    }

    private static boolean isData(Place summary, int group) {
        return GroupItem.use(summary.page(), summary.position(), group) == GroupItem.Use.DATA;
    }

    private static int freeBit(Place bitmap) {
        for (int bit = Blocks.PER_GROUP - 1; bit >= 0; bit--) {
            if (((bitmap.page()[bitmap.position() + (bit >>> 3)] >>> (bit & 7)) & 1) == 0) {
                return bit;
            }
        }
        return -1;
    }

    private Place plainExtent(long tree) {
        return surgeon.get(
                tree,
                ItemKind.CONTENT,
                (key, item) ->
                        ContentItem.ENCODING.get(item.page(), item.position())
                                == ContentItem.PLAIN);
    }

    @Test
    void surgeryWithoutAChangeLeavesACleanImage() throws IOException {
        CheckerTest.assertClean(surgeon.close());
    }

    private static byte[] bookmark(String name, long txg) {
        return new BookmarkItem(new UUID(1, 2), txg, 0, 0, 2, name).toBytes();
    }

    private void putBookmark(long tree, long slot, byte[] item) {
        surgeon.put(TreeId.ROOT, new Key(tree, ItemKind.BOOKMARK.number(), slot), item);
    }

    private static boolean isSnapshot(Place item) {
        try {
            return ImageSurgeon.subvolume(item).isSnapshot();
        } catch (IOException damaged) {
            throw new AssertionError(damaged);
        }
    }

    /// What an image has lost must not look like what was deleted.
    @Test
    void aRepairDropsBookmarks() throws IOException {
        putBookmark(MAIN, 0, bookmark("a", 1));
        mark(freeBlockBesideData(), true);
        MemoryDevice damaged = surgeon.close();
        ImageRepairTest.repair(damaged);
        CheckerTest.assertClean(damaged);
        assertTrue(
                new ImageSurgeon(damaged)
                        .all(TreeId.ROOT).stream()
                                .noneMatch(
                                        each -> each.key().kind() == ItemKind.BOOKMARK.number()));
    }

    @Test
    void aBookmarkIsNoDamage() throws IOException {
        putBookmark(MAIN, 999, bookmark("a", 1));
        CheckerTest.assertClean(surgeon.close());
    }

    @Test
    void bookmarksThatContradictTheRestAreFound() throws IOException {
        putBookmark(MAIN, 0, bookmark("a", 1));
        putBookmark(MAIN, 1, bookmark("a", 1));
        assertFound(DamageCode.BAD_SUBVOLUME);
    }

    @Test
    void aBookmarkOfAStateThatIsStillToComeIsFound() throws IOException {
        putBookmark(MAIN, 0, bookmark("a", surgeon.superblock().txg() + 1));
        assertFound(DamageCode.BAD_SUBVOLUME);
    }

    @Test
    void aBookmarkOfNoSubvolumeIsFound() throws IOException {
        Place snapshot =
                surgeon.get(TreeId.ROOT, ItemKind.SUBVOLUME, (key, item) -> isSnapshot(item));
        putBookmark(snapshot.key().inode(), 5, bookmark("a", 1));
        assertFound(DamageCode.BAD_SUBVOLUME);
    }

    @Test
    void aBookmarkWithAPlaceOrANameThatNoneCanHaveIsFound() throws IOException {
        putBookmark(MAIN, 1000, bookmark("a", 1));
        putBookmark(MAIN, 0, bookmark("a#b", 1));
        putBookmark(MAIN, 1, bookmark("b", 0));
        assertFound(DamageCode.WRONG_KIND, DamageCode.BAD_ITEM);
    }

    @Test
    void aLineThatIsStillToBeginIsFound() throws IOException {
        editSubvolume(MAIN, item -> item.onLine(surgeon.superblock().txg() + 2));
        assertFound(DamageCode.BAD_SUBVOLUME);
    }

    @Test
    void aLeakedBlockIsFound() throws IOException {
        mark(freeBlockBesideData(), true);
        assertFound(DamageCode.LEAKED_BLOCK);
    }

    @Test
    void aBlockInUseThatTheBitmapCallsFreeIsFound() throws IOException {
        Place extent = plainExtent(MAIN);
        mark(ContentItem.ADDRESS.get(extent.page(), extent.position()), false);
        assertFound(DamageCode.FREE_BLOCK_USED);
    }

    @Test
    void aFreeNodeThatIsInUseIsFound() throws IOException {
        mark(surgeon.leaves(TreeId.SPACE).getFirst(), false);
        assertFound(DamageCode.FREE_BLOCK_USED);
    }

    @Test
    void aWrongSummaryIsFound() throws IOException {
        Place summary = surgeon.get(TreeId.SPACE, ItemKind.GROUP_SUMMARY);
        GroupItem.setEntry(summary.page(), summary.position(), 0, 17, GroupItem.Use.METADATA);
        assertFound(DamageCode.WRONG_SUMMARY);
    }

    @Test
    void aSummaryOfTheWrongUseIsFound() throws IOException {
        Place summary = surgeon.get(TreeId.SPACE, ItemKind.GROUP_SUMMARY);
        int free = GroupItem.freeCount(summary.page(), summary.position(), 0);
        GroupItem.setEntry(summary.page(), summary.position(), 0, free, GroupItem.Use.DATA);
        assertFound(DamageCode.WRONG_SUMMARY);
    }

    @Test
    void aCountThatIsTooHighIsFound() throws IOException {
        Place record = surgeon.get(TreeId.REFCOUNT, ItemKind.REFCOUNT);
        surgeon.replace(
                record,
                RefcountItem.toBytes(
                        RefcountItem.blockCount(record.page(), record.position()),
                        RefcountItem.count(record.page(), record.position()) + 1));
        assertFound(DamageCode.WRONG_REFCOUNT);
    }

    @Test
    void aMissingCountOfASharedExtentIsFound() throws IOException {
        Place record =
                surgeon.get(
                        TreeId.REFCOUNT, ItemKind.REFCOUNT, (key, item) -> isDataOf(key.inode()));
        surgeon.remove(record);
        assertFound(DamageCode.WRONG_REFCOUNT);
    }

    private boolean isDataOf(long address) {
        return surgeon.all(SNAPSHOT).stream()
                .filter(item -> item.key().kind() == ItemKind.CONTENT.number())
                .filter(item -> ContentItem.namesBlocks(item.page(), item.position()))
                .anyMatch(
                        item -> {
                            long start = ContentItem.ADDRESS.get(item.page(), item.position());
                            int count = ContentItem.blockCount(item.page(), item.position());
                            return address >= start && address < start + count;
                        });
    }

    @Test
    void aCountOfABlockThatIsNotSharedIsFound() throws IOException {
        surgeon.put(
                TreeId.REFCOUNT,
                new Key(freeBlockBesideData(), ItemKind.REFCOUNT.number(), 0),
                RefcountItem.toBytes(1, 2));
        assertFound(DamageCode.WRONG_REFCOUNT);
    }

    @Test
    void aCountForTheWholeImageIsFoundAndCostsNoMemory() throws IOException {
        surgeon.put(
                TreeId.REFCOUNT,
                new Key(1, ItemKind.REFCOUNT.number(), 0),
                RefcountItem.toBytes(surgeon.superblock().deviceBlocks() - 1, Integer.MAX_VALUE));
        assertAmong(DamageCode.WRONG_REFCOUNT);
    }

    @Test
    void aLeafThatIsNamedTwiceIsFound() throws IOException {
        byte[] parent = surgeon.page(surgeon.interiors(MAIN).getLast());
        int first = NodePage.slotPosition(0, NodePage.INTERIOR_SLOT_BYTES);
        int second = NodePage.slotPosition(1, NodePage.INTERIOR_SLOT_BYTES);
        NodePage.setPointer(parent, second, NodePage.pointer(parent, first));
        assertAmong(DamageCode.WRONG_REFCOUNT);
    }

    @Test
    void anExtentOnABlockOfANodeIsFound() throws IOException {
        Place extent = plainExtent(MAIN);
        ContentItem.ADDRESS.set(
                extent.page(), extent.position(), surgeon.leaves(TreeId.SPACE).getFirst());
        assertAmong(DamageCode.BLOCK_USED_TWICE);
    }

    @Test
    void aBlockThatIsInUseAndPendingIsFound() throws IOException {
        Place pending = surgeon.get(TreeId.ROOT, ItemKind.PENDING);
        byte[] value = pending.value();
        PendingItem.set(value, PendingItem.ENTRIES - 1, surgeon.leaves(MAIN).getFirst(), 1);
        surgeon.replace(pending, value);
        assertFound(DamageCode.BLOCK_USED_TWICE);
    }

    @Test
    void anExtentOutsideTheImageIsFound() throws IOException {
        Place extent = plainExtent(MAIN);
        ContentItem.ADDRESS.set(extent.page(), extent.position(), 1L << 50);
        assertFound(DamageCode.BAD_POINTER);
    }

    @Test
    void aPointerWithoutItsCopyIsFound() throws IOException {
        byte[] parent = surgeon.page(surgeon.interiors(MAIN).getFirst());
        int first = NodePage.slotPosition(0, NodePage.INTERIOR_SLOT_BYTES);
        BlockPointer child = NodePage.pointer(parent, first);
        NodePage.setPointer(
                parent,
                first,
                new BlockPointer(child.address(), 0, child.birthTxg(), child.checksum()));
        assertFound(DamageCode.BAD_POINTER);
    }

    @Test
    void aKeyOutsideTheBoundsOfItsParentIsFound() throws IOException {
        byte[] parent = surgeon.page(surgeon.interiors(MAIN).getLast());
        int second = NodePage.slotPosition(1, NodePage.INTERIOR_SLOT_BYTES);
        // a bound may lie below the first key of its child, so it is raised above that key
        byte[] child = surgeon.page(NodePage.pointer(parent, second).address());
        Key first = Key.at(child, NodePage.slotPosition(0, NodePage.slotBytes(child)));
        NodePage.setKey(parent, second, first.inode(), first.kind(), first.offset() + 1);
        assertFound(DamageCode.KEY_OUT_OF_BOUNDS);
    }

    @Test
    void aNodeOfAnotherTreeIsFound() throws IOException {
        byte[] page = surgeon.page(surgeon.leaves(MAIN).get(1));
        NodePage.seal(page, TreeId.SPACE, NodePage.address(page), NodePage.birthTxg(page));
        assertFound(DamageCode.WRONG_OWNER);
    }

    @Test
    void aNodeYoungerThanItsParentIsFound() throws IOException {
        byte[] page = surgeon.page(surgeon.leaves(MAIN).getLast());
        NodePage.seal(
                page, NodePage.owner(page), NodePage.address(page), surgeon.superblock().txg() + 9);
        assertAmong(DamageCode.WRONG_BIRTH);
    }

    @Test
    void aSharedNodeThatItsTreeTakesForItsOwnIsFound() throws IOException {
        editSubvolume(
                MAIN,
                item ->
                        with(
                                item,
                                0,
                                0,
                                item.nextInode(),
                                item.referencedBlocks(),
                                item.nodeCount()));
        assertFound(DamageCode.SHARED_TOO_YOUNG);
    }

    @Test
    void wrongCountersOfATreeAreFound() throws IOException {
        editSubvolume(
                SNAPSHOT,
                item ->
                        with(
                                item,
                                item.parentTree(),
                                item.lastSnapshotTxg(),
                                3,
                                item.referencedBlocks() + 1,
                                item.nodeCount() - 1));
        assertFound(DamageCode.WRONG_TREE_COUNTER);
    }

    @Test
    void aSnapshotOfNothingIsFound() throws IOException {
        editSubvolume(
                SNAPSHOT,
                item ->
                        with(
                                item,
                                999,
                                item.lastSnapshotTxg(),
                                item.nextInode(),
                                item.referencedBlocks(),
                                item.nodeCount()));
        assertFound(DamageCode.BAD_SUBVOLUME);
    }

    @Test
    void aWrongNodeCountOfAPoolTreeIsFound() throws IOException {
        Place root =
                surgeon.get(
                        TreeId.ROOT,
                        ItemKind.TREE_ROOT,
                        (key, item) -> key.inode() == TreeId.SPACE);
        NodeRefItem item =
                NodeRefItem.readFrom(root.page(), root.position(), root.lengthBytes(), "test");
        surgeon.replace(root, new NodeRefItem(item.pointer(), item.level(), 99).toBytes());
        assertFound(DamageCode.WRONG_TREE_COUNTER);
    }

    @Test
    void aRootTreeThatLacksAPoolTreeIsFound() throws IOException {
        surgeon.remove(
                surgeon.get(
                        TreeId.ROOT,
                        ItemKind.TREE_ROOT,
                        (key, item) -> key.inode() == TreeId.REFCOUNT));
        assertAmong(DamageCode.MISSING_TREE);
    }

    @Test
    void itemsOfOtherTreesHaveNoPlaceInThePoolsTrees() throws IOException {
        surgeon.put(TreeId.SPACE, new Key(5, ItemKind.DIRENT.number(), 0), new byte[3]);
        assertFound(DamageCode.WRONG_KIND);
    }

    @Test
    void aBadRecordOfAPoolTreeIsFound() throws IOException {
        Place record = surgeon.get(TreeId.REFCOUNT, ItemKind.REFCOUNT);
        surgeon.replace(record, RefcountItem.toBytes(1, 1));
        assertAmong(DamageCode.BAD_ITEM);
    }

    @Test
    void wrongCountersOfTheSuperblockAreFound() throws IOException {
        surgeon.edit(
                (Superblock s) ->
                        s.next(
                                s.txg(),
                                s.root(),
                                s.rootLevel(),
                                s.nextTreeId(),
                                s.dataBlocks() + 1,
                                s.metadataBlocks() - 1,
                                null));
        assertFound(DamageCode.WRONG_COUNTER);
    }
}
