package cowfs.check;

import static cowfs.check.SampleImages.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Ref;
import cowfs.check.ImageSurgeon.Place;
import cowfs.device.MemoryDevice;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.format.ContentItem;
import cowfs.format.DirentItem;
import cowfs.format.InodeItem;
import cowfs.format.InodeRefItem;
import cowfs.format.ItemKind;
import cowfs.format.OrphanItem;
import cowfs.format.TreeId;
import cowfs.format.XattrItem;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Each single damage of a file tree is found under its own code and nothing else is blamed.
final class FileItemDamageTest {
    private static final long MAIN = TreeId.FIRST_SUBVOLUME;

    private static MemoryDevice sound;

    private ImageSurgeon surgeon;

    @BeforeAll
    static void makeImage() throws IOException {
        sound =
                SampleImages.image(
                        8192, 2, pool -> SampleImages.fill(pool.volume(Ref.MAIN), 7, 120));
    }

    FileItemDamageTest() throws IOException {
        surgeon = new ImageSurgeon(sound);
    }

    private void assertFound(DamageCode first, DamageCode... others) throws IOException {
        assertCodes(surgeon.close(), EnumSet.of(first, others));
    }

    static void assertCodes(MemoryDevice image, Set<DamageCode> expected) throws IOException {
        CheckResult result = CheckerTest.check(image);
        Set<DamageCode> found =
                result.findings().stream()
                        .map(Damage::code)
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(DamageCode.class)));
        assertEquals(expected, found, () -> "findings: " + result.findings());
        ImageRepairTest.assertRepaired(image);
    }

    private static int type(Place inode) {
        return InodeItem.MODE.get(inode.page(), inode.position()) & Attributes.TYPE_MASK;
    }

    private Place regular() {
        return surgeon.get(
                MAIN,
                ItemKind.INODE,
                (key, place) ->
                        type(place) == Attributes.REGULAR
                                && InodeItem.SIZE_BYTES.get(place.page(), place.position())
                                        > 20_000);
    }

    private Place directory() {
        return surgeon.get(
                MAIN,
                ItemKind.INODE,
                (key, place) ->
                        type(place) == Attributes.DIRECTORY && key.inode() != Volume.ROOT_INODE);
    }

    private Place extent(int encoding) {
        return surgeon.get(
                MAIN,
                ItemKind.CONTENT,
                (key, place) ->
                        ContentItem.ENCODING.get(place.page(), place.position()) == encoding);
    }

    /// Adds to the link count and the number of entries of a directory.
    private void addEntries(long directory, int links, int entries) {
        Place inode = inode(directory);
        int count = InodeItem.LINK_COUNT.get(inode.page(), inode.position());
        long size = InodeItem.SIZE_BYTES.get(inode.page(), inode.position());
        InodeItem.LINK_COUNT.set(inode.page(), inode.position(), count + links);
        InodeItem.SIZE_BYTES.set(inode.page(), inode.position(), size + entries);
    }

    private Place inode(long number) {
        return surgeon.get(MAIN, ItemKind.INODE, (key, place) -> key.inode() == number);
    }

    @Test
    void surgeryWithoutAChangeLeavesACleanImage() throws IOException {
        CheckerTest.assertClean(surgeon.close());
    }

    @Test
    void aWrongLinkCountOfAFileIsFound() throws IOException {
        Place inode = regular();
        InodeItem.LINK_COUNT.set(inode.page(), inode.position(), 3);
        assertFound(DamageCode.WRONG_LINK_COUNT);
    }

    @Test
    void aWrongLinkCountOfADirectoryIsFound() throws IOException {
        addEntries(Volume.ROOT_INODE, 1, 0);
        assertFound(DamageCode.WRONG_LINK_COUNT);
    }

    @Test
    void aWrongDirectorySizeIsFoundWhateverTheBit() throws IOException {
        for (int bit = 0; bit < 63; bit++) {
            surgeon = new ImageSurgeon(sound);
            Place inode = directory();
            long size = InodeItem.SIZE_BYTES.get(inode.page(), inode.position());
            InodeItem.SIZE_BYTES.set(inode.page(), inode.position(), size ^ (1L << bit));
            assertFound(DamageCode.WRONG_DIRECTORY_SIZE);
        }
    }

    @Test
    void anEntryWithoutItsInodeDangles() throws IOException {
        Place dirent =
                surgeon.get(
                        MAIN,
                        ItemKind.DIRENT,
                        (key, place) ->
                                DirentItem.type(place.page(), place.position()) == Attributes.FIFO);
        long child = DirentItem.CHILD.get(dirent.page(), dirent.position());
        surgeon.remove(surgeon.get(MAIN, ItemKind.INODE_REF, (key, place) -> key.inode() == child));
        surgeon.remove(inode(child));
        assertFound(DamageCode.DANGLING_DIRENT, DamageCode.MISSING_INODE_REF);
    }

    @Test
    void itemsWithoutTheirInodeAreFound() throws IOException {
        surgeon.remove(regular());
        assertFound(DamageCode.MISSING_INODE, DamageCode.DANGLING_DIRENT);
    }

    @Test
    void aTreeWithoutARootDirectoryIsFound() throws IOException {
        surgeon.remove(inode(Volume.ROOT_INODE));
        assertFound(DamageCode.MISSING_INODE);
    }

    @Test
    void aWrongTypeInAnEntryIsFound() throws IOException {
        Place dirent =
                surgeon.get(
                        MAIN,
                        ItemKind.DIRENT,
                        (key, place) ->
                                DirentItem.type(place.page(), place.position())
                                        == Attributes.REGULAR);
        DirentItem.TYPE.set(dirent.page(), dirent.position(), Attributes.FIFO >>> 12);
        assertFound(DamageCode.WRONG_DIRENT_TYPE);
    }

    @Test
    void anEntryWithoutTheWayBackIsFound() throws IOException {
        surgeon.remove(surgeon.get(MAIN, ItemKind.INODE_REF));
        assertFound(DamageCode.MISSING_INODE_REF);
    }

    @Test
    void aWayBackWithoutItsEntryIsFound() throws IOException {
        Place dirent =
                surgeon.get(
                        MAIN,
                        ItemKind.DIRENT,
                        (key, place) ->
                                DirentItem.type(place.page(), place.position()) == Attributes.FIFO);
        surgeon.remove(dirent);
        addEntries(Volume.ROOT_INODE, 0, -1);
        assertFound(DamageCode.STRAY_INODE_REF, DamageCode.WRONG_LINK_COUNT);
    }

    @Test
    void anOrphanItemForALinkedInodeIsFound() throws IOException {
        surgeon.put(MAIN, new Key(0, ItemKind.ORPHAN.number(), 1), OrphanItem.of(1));
        assertFound(DamageCode.STRAY_ORPHAN);
    }

    @Test
    void anInodeWithoutNamesNeedsAnOrphanItem() throws IOException {
        Place fifo =
                surgeon.get(MAIN, ItemKind.INODE, (key, place) -> type(place) == Attributes.FIFO);
        InodeItem.LINK_COUNT.set(fifo.page(), fifo.position(), 0);
        assertFound(DamageCode.MISSING_ORPHAN, DamageCode.WRONG_LINK_COUNT);
    }

    @Test
    void aNameThatDoesNotLieAtItsHashIsFound() throws IOException {
        Place dirent = surgeon.get(MAIN, ItemKind.DIRENT);
        byte[] value = dirent.value();
        Key key = dirent.key();
        surgeon.remove(dirent);
        surgeon.put(MAIN, new Key(key.inode(), key.kind(), key.offset() + (1 << 17)), value);
        assertFound(DamageCode.WRONG_NAME_HASH);
    }

    @Test
    void aNameThatExistsTwiceIsFound() throws IOException {
        Place dirent =
                surgeon.get(
                        MAIN,
                        ItemKind.DIRENT,
                        (key, place) ->
                                DirentItem.type(place.page(), place.position()) == Attributes.FIFO);
        Key key = dirent.key();
        surgeon.put(MAIN, new Key(key.inode(), key.kind(), key.offset() + 1), dirent.value());
        addEntries(key.inode(), 0, 1);
        assertFound(DamageCode.BAD_NAME, DamageCode.MISSING_INODE_REF, DamageCode.WRONG_LINK_COUNT);
    }

    @Test
    void aSlashInANameIsFound() throws IOException {
        Place dirent = surgeon.get(MAIN, ItemKind.DIRENT);
        dirent.page()[dirent.position() + DirentItem.LAYOUT.sizeBytes() + 2] = '/';
        assertFound(
                DamageCode.BAD_NAME,
                DamageCode.WRONG_NAME_HASH,
                DamageCode.MISSING_INODE_REF,
                DamageCode.STRAY_INODE_REF);
    }

    @Test
    void contentBehindTheEndIsFound() throws IOException {
        Place inode = regular();
        InodeItem.SIZE_BYTES.set(inode.page(), inode.position(), 1);
        assertFound(DamageCode.CONTENT_BEYOND_END);
    }

    @Test
    void bytesBehindTheEndInTheLastBlockAreFound() throws IOException {
        Place inode = regular();
        long size = InodeItem.SIZE_BYTES.get(inode.page(), inode.position());
        long inLastBlock = (size - 1) / 4096 * 4096 + 1;
        InodeItem.SIZE_BYTES.set(inode.page(), inode.position(), inLastBlock);
        assertFound(DamageCode.CONTENT_BEYOND_END);
    }

    @Test
    void overlappingContentIsFound() throws IOException {
        Place unwritten = extent(ContentItem.UNWRITTEN);
        Key key = unwritten.key();
        int count = ContentItem.LENGTH.get(unwritten.page(), unwritten.position());
        byte[] inline = ContentItem.inline(new byte[512], 512);
        long inside = key.offset() + (count - 1) * 4096L;
        surgeon.put(MAIN, new Key(key.inode(), key.kind(), inside), inline);
        Place inode = inode(key.inode());
        long sectors = InodeItem.SECTORS.get(inode.page(), inode.position());
        InodeItem.SECTORS.set(inode.page(), inode.position(), sectors + 1);
        InodeItem.SIZE_BYTES.set(inode.page(), inode.position(), 1L << 40);
        assertFound(DamageCode.CONTENT_OVERLAP);
    }

    @Test
    void wrongSectorsAreFound() throws IOException {
        Place inode = regular();
        long sectors = InodeItem.SECTORS.get(inode.page(), inode.position());
        InodeItem.SECTORS.set(inode.page(), inode.position(), sectors ^ (1L << 62));
        assertFound(DamageCode.WRONG_SECTORS);
    }

    @Test
    void aMissingPieceOfAnAttributeIsFound() throws IOException {
        surgeon.remove(
                surgeon.get(
                        MAIN,
                        ItemKind.XATTR,
                        (key, place) -> XattrItem.PIECE.get(place.page(), place.position()) == 2));
        assertFound(DamageCode.BAD_XATTR);
    }

    @Test
    void contentOfADirectoryIsFound() throws IOException {
        Place directory = directory();
        long sectors = InodeItem.SECTORS.get(directory.page(), directory.position());
        InodeItem.SECTORS.set(directory.page(), directory.position(), sectors + 1);
        surgeon.put(
                MAIN,
                new Key(directory.key().inode(), ItemKind.CONTENT.number(), 0),
                ContentItem.inline(new byte[1], 1));
        assertFound(DamageCode.WRONG_KIND);
    }

    @Test
    void itemsOfOtherTreesHaveNoPlaceInAFileTree() throws IOException {
        surgeon.put(MAIN, new Key(1, ItemKind.RECLAIM.number(), 0), new byte[3]);
        assertFound(DamageCode.WRONG_KIND);
    }

    @Test
    void invalidItemsAreFound() throws IOException {
        Place inode = regular();
        InodeItem.MODE.set(inode.page(), inode.position(), 0);
        assertFound(DamageCode.BAD_ITEM);
        surgeon = new ImageSurgeon(sound);
        Place dirent = surgeon.get(MAIN, ItemKind.DIRENT);
        DirentItem.CHILD.set(dirent.page(), dirent.position(), 0);
        assertFound(DamageCode.BAD_ITEM);
        surgeon = new ImageSurgeon(sound);
        Place ref = surgeon.get(MAIN, ItemKind.INODE_REF);
        InodeRefItem.NAME_BYTES.set(ref.page(), ref.position(), 1);
        assertFound(DamageCode.BAD_ITEM);
        surgeon = new ImageSurgeon(sound);
        Place extent = extent(ContentItem.PLAIN);
        ContentItem.ENCODING.set(extent.page(), extent.position(), 9);
        assertFound(DamageCode.BAD_ITEM);
        surgeon = new ImageSurgeon(sound);
        Place xattr = surgeon.get(MAIN, ItemKind.XATTR);
        XattrItem.VALUE_BYTES.set(xattr.page(), xattr.position(), 1 << 30);
        assertFound(DamageCode.BAD_ITEM);
    }

    @Test
    void aLoopOfDirectoriesIsFound() throws IOException {
        MemoryDevice nested =
                SampleImages.image(
                        8192,
                        2,
                        pool -> {
                            Volume main = pool.volume(Ref.MAIN);
                            NewInode start = NewInode.directory(0755, 0, 0);
                            long upper =
                                    main.create(Volume.ROOT_INODE, name("upper"), start).inode();
                            main.create(upper, name("lower"), start);
                            main.create(upper, name("other"), start);
                        });
        surgeon = new ImageSurgeon(nested);
        Place root = surgeon.get(MAIN, ItemKind.DIRENT, (key, place) -> key.inode() == 1);
        long upper = DirentItem.CHILD.get(root.page(), root.position());
        byte[] dirent = root.value();
        long offset = root.key().offset();
        Place below = surgeon.get(MAIN, ItemKind.DIRENT, (key, place) -> key.inode() == upper);
        long lower = DirentItem.CHILD.get(below.page(), below.position());
        surgeon.remove(root);
        surgeon.put(MAIN, new Key(lower, ItemKind.DIRENT.number(), offset), dirent);
        Place ref = surgeon.get(MAIN, ItemKind.INODE_REF, (key, place) -> key.inode() == upper);
        byte[] seed = new byte[16];
        java.nio.ByteBuffer.wrap(seed)
                .putLong(surgeon.superblock().nameSeed().getMostSignificantBits())
                .putLong(surgeon.superblock().nameSeed().getLeastSignificantBits());
        long refOffset = new cowfs.format.NameHash(seed).offset(lower, name("upper"));
        surgeon.remove(ref);
        surgeon.put(
                MAIN,
                new Key(upper, ItemKind.INODE_REF.number(), refOffset),
                InodeRefItem.of(lower, name("upper")));
        addEntries(Volume.ROOT_INODE, -1, -1);
        addEntries(lower, 1, 1);
        assertFound(DamageCode.DIRECTORY_LOOP);
    }

    @Test
    void aDamageThatASnapshotSharesIsSearchedOnce() throws IOException {
        MemoryDevice shared =
                SampleImages.change(sound, pool -> pool.snapshot(Ref.parse("main@same")));
        surgeon = new ImageSurgeon(shared);
        Place inode = regular();
        InodeItem.LINK_COUNT.set(inode.page(), inode.position(), 9);
        assertFound(DamageCode.WRONG_LINK_COUNT, DamageCode.SAME_DAMAGE);
    }

    @Test
    void manyDamagesAreListedUpToABoundAndCounted() throws IOException {
        for (Place place : surgeon.all(MAIN)) {
            if (place.key().kind() == ItemKind.INODE.number()
                    && type(place) == Attributes.REGULAR) {
                InodeItem.LINK_COUNT.set(place.page(), place.position(), 77);
                InodeItem.SECTORS.set(place.page(), place.position(), 77);
            }
        }
        CheckResult result = CheckerTest.check(surgeon.close());
        long listed =
                result.findings().stream()
                        .filter(damage -> damage.reason().endsWith("names and has 1"))
                        .count();
        assertTrue(listed >= 40, "wrong link counts listed: " + listed);
        assertTrue(result.findingCount() >= 100, "findings: " + result.findingCount());
        assertTrue(result.findings().size() <= Findings.MAX_LISTED);
    }
}
