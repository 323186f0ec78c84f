package cowfs.check;

import static cowfs.check.FileItemDamageTest.assertCodes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.BlockDevice;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bytes that changed under their checksum are found wherever they lie.
final class DamagedBytesTest {
    private static final long MAIN = TreeId.FIRST_SUBVOLUME;

    private static MemoryDevice twoCopies;
    private static MemoryDevice oneCopy;

    @BeforeAll
    static void makeImages() throws IOException {
        twoCopies = SampleImages.full(8192, 2);
        oneCopy = SampleImages.full(8192, 1);
    }

    private static void flip(BlockDevice device, long position) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        device.read(position, one);
        one.put(0, (byte) (one.get(0) ^ 0x10));
        device.write(position, one.rewind());
    }

    private static BlockPointer pointerTo(ImageSurgeon surgeon, long tree, long address) {
        for (long parent : surgeon.interiors(tree)) {
            byte[] page = surgeon.page(parent);
            for (int slot = 0; slot < NodePage.itemCount(page); slot++) {
                BlockPointer pointer =
                        NodePage.pointer(
                                page, NodePage.slotPosition(slot, NodePage.INTERIOR_SLOT_BYTES));
                if (pointer.address() == address) {
                    return pointer;
                }
            }
        }
        throw new AssertionError("nothing points to block " + address);
    }

    @Test
    void aBadCopyOfALeafIsFoundThoughTheOtherIsGood() throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(twoCopies);
        BlockPointer leaf = pointerTo(surgeon, MAIN, surgeon.leaves(MAIN).getLast());
        for (long address : new long[] {leaf.address(), leaf.copyAddress()}) {
            MemoryDevice damaged = twoCopies.copy();
            flip(damaged, Blocks.toBytes(address) + 5000);
            assertCodes(damaged, EnumSet.of(DamageCode.BAD_COPY));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {TreeId.ROOT, TreeId.REFCOUNT, TreeId.SPACE, MAIN})
    void aBadPrimaryCopyIsFoundInEveryTree(long tree) throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(twoCopies);
        flip(surgeon.device(), Blocks.toBytes(surgeon.leaves(tree).getFirst()) + 100);
        assertCodes(surgeon.device(), EnumSet.of(DamageCode.BAD_COPY));
    }

    @Test
    void aLostLeafIsOneFindingAndTheRestIsChecked() throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(oneCopy);
        flip(surgeon.device(), Blocks.toBytes(surgeon.leaves(MAIN).getFirst()) + 100);
        flip(surgeon.device(), Blocks.toBytes(surgeon.leaves(MAIN).getLast()) + 100);
        CheckResult result = CheckerTest.check(surgeon.device());
        assertEquals(2, result.findingCount(), () -> "" + result.findings());
        assertEquals(DamageCode.BAD_NODE, result.findings().getFirst().code());
        assertTrue(result.nodeCount() > 10);
    }

    @ParameterizedTest
    @ValueSource(longs = {TreeId.ROOT, TreeId.REFCOUNT, TreeId.SPACE})
    void aLostNodeOfAPoolTreeIsAFinding(long tree) throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(oneCopy);
        flip(surgeon.device(), Blocks.toBytes(surgeon.leaves(tree).getFirst()) + 100);
        CheckResult result = CheckerTest.check(surgeon.device());
        assertTrue(
                result.findings().stream().anyMatch(d -> d.code() == DamageCode.BAD_NODE),
                () -> "" + result.findings());
    }

    @Test
    void aDataBlockThatManyTreesShareIsReportedOnce() throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(twoCopies);
        ImageSurgeon.Place extent =
                surgeon.get(
                        MAIN + 1,
                        ItemKind.CONTENT,
                        (key, place) ->
                                ContentItem.ENCODING.get(place.page(), place.position())
                                                == ContentItem.PLAIN
                                        && ContentItem.blockCount(place.page(), place.position())
                                                > 3);
        long address = ContentItem.ADDRESS.get(extent.page(), extent.position());
        flip(surgeon.device(), Blocks.toBytes(address + 2) + 77);
        CheckResult result = CheckerTest.check(surgeon.device());
        assertEquals(1, result.findingCount(), () -> "" + result.findings());
        Damage damage = result.findings().getFirst();
        assertEquals(DamageCode.BAD_DATA, damage.code());
        assertTrue(damage.toString().startsWith("corrupt data: tree="), damage.toString());
        assertTrue(damage.where().endsWith("block=" + (address + 2)), damage.where());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aBadCopyOfTheSuperblockIsFound(int area) throws IOException {
        MemoryDevice damaged = twoCopies.copy();
        Superblock newest = Objects.requireNonNull(SuperblockCheck.findNewest(damaged));
        long slot = newest.slot(area, newest.txg());
        flip(damaged, Blocks.toBytes(slot) + 200);
        assertCodes(damaged, EnumSet.of(DamageCode.BAD_SUPERBLOCK));
    }

    @Test
    void copiesOfASuperblockThatDifferAreFound() throws IOException {
        MemoryDevice damaged = twoCopies.copy();
        Superblock newest = Objects.requireNonNull(SuperblockCheck.findNewest(damaged));
        Superblock other =
                newest.next(
                        newest.txg(),
                        newest.root(),
                        newest.rootLevel(),
                        newest.nextTreeId() + 1,
                        newest.dataBlocks(),
                        newest.metadataBlocks(),
                        null);
        long slot = newest.slot(0, newest.txg());
        damaged.write(Blocks.toBytes(slot), ByteBuffer.wrap(other.toBytes()));
        assertCodes(damaged, EnumSet.of(DamageCode.SUPERBLOCK_MISMATCH));
    }

    @Test
    void anImageWithoutAnyGoodSuperblockCantBeChecked() throws IOException {
        MemoryDevice damaged = twoCopies.copy();
        Superblock newest = Objects.requireNonNull(SuperblockCheck.findNewest(damaged));
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
                long block = newest.areaStart(area) + slot;
                flip(damaged, Blocks.toBytes(block) + 9);
            }
        }
        assertThrows(CowException.class, () -> CheckerTest.check(damaged));
    }

    @Test
    void aSharedBlockWithTwoChecksumsIsFound() throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(twoCopies);
        int changed = 0;
        for (ImageSurgeon.Place extent : surgeon.all(MAIN + 1)) {
            boolean plain =
                    extent.key().kind() == ItemKind.CONTENT.number()
                            && ContentItem.ENCODING.get(extent.page(), extent.position())
                                    == ContentItem.PLAIN;
            boolean onlyHere =
                    surgeon.leaves(MAIN).stream()
                            .noneMatch(leaf -> surgeon.page(leaf) == extent.page());
            if (plain && onlyHere && changed == 0 && isNamedBy(surgeon, MAIN, extent)) {
                ContentItem.setCrc(extent.page(), extent.position(), 0, 4711);
                changed++;
            }
        }
        assertCodes(surgeon.close(), EnumSet.of(DamageCode.CHECKSUM_CONFLICT));
    }

    private static boolean isNamedBy(ImageSurgeon surgeon, long tree, ImageSurgeon.Place extent) {
        long address = ContentItem.ADDRESS.get(extent.page(), extent.position());
        return surgeon.all(tree).stream()
                .filter(item -> item.key().kind() == ItemKind.CONTENT.number())
                .filter(item -> ContentItem.namesBlocks(item.page(), item.position()))
                .anyMatch(item -> ContentItem.ADDRESS.get(item.page(), item.position()) == address);
    }

    @Test
    void randomDamageEndsInFindings() throws IOException {
        for (long seed = 1; seed <= 150; seed++) {
            Random random = new Random(seed);
            MemoryDevice damaged = (seed % 2 == 0 ? twoCopies : oneCopy).copy();
            ImageSurgeon surgeon = new ImageSurgeon(damaged);
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
                byte[] junk = new byte[1 + random.nextInt(6000)];
                random.nextBytes(junk);
                long tree = new long[] {1, 2, 3, MAIN, MAIN + 1, MAIN + 3}[random.nextInt(6)];
                long node = surgeon.leaves(tree).get(random.nextInt(surgeon.leaves(tree).size()));
                long position = Blocks.toBytes(node) + random.nextInt(8192);
                damaged.write(position, ByteBuffer.wrap(junk));
            }
            try {
                CheckResult result = CheckerTest.check(damaged);
                assertTrue(result.findingCount() > 0, "seed " + seed);
            } catch (CowException nothingToCheck) {
                throw new AssertionError("seed " + seed, nothingToCheck);
            }
        }
    }

    @Test
    void randomFieldsUnderGoodChecksumsEndInFindings() throws IOException {
        int clean = 0;
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            ImageSurgeon surgeon = new ImageSurgeon(seed % 2 == 0 ? twoCopies : oneCopy);
            long tree = new long[] {1, 2, 3, MAIN, MAIN + 1, MAIN + 3}[random.nextInt(6)];
            boolean interior = random.nextBoolean() && !surgeon.interiors(tree).isEmpty();
            var nodes = interior ? surgeon.interiors(tree) : surgeon.leaves(tree);
            byte[] page = surgeon.page(nodes.get(random.nextInt(nodes.size())));
            int slotsEnd =
                    NodePage.slotPosition(NodePage.itemCount(page), NodePage.slotBytes(page));
            int from = random.nextBoolean() ? 64 : NodePage.heapStart(page);
            int to = from == 64 ? slotsEnd : page.length;
            int count = to > from ? 1 + random.nextInt(3) : 0;
            for (int i = 0; i < count; i++) {
                page[from + random.nextInt(to - from)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                clean += CheckerTest.check(surgeon.close()).isClean() ? 1 : 0;
            } catch (IOException | RuntimeException failed) {
                throw new AssertionError("seed " + seed, failed);
            }
        }
        // times, owners and inline content have no second witness; how many of them are hit follows
        // the layout
        assertTrue(clean < 100, "undetectable changes, as of times and owners: " + clean);
    }
}
