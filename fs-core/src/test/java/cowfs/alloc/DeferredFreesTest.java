package cowfs.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.block.CommittedNode;
import cowfs.block.NodeStore;
import cowfs.block.OwnedNode;
import cowfs.btree.BTree;
import cowfs.device.MemoryDevice;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.GroupItem;
import cowfs.format.GroupItem.Use;
import cowfs.format.NodePage;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class DeferredFreesTest {
    private static final long BLOCKS = 12 * Blocks.PER_GROUP;
    private static final int UNIT = SpaceMap.DISCARD_BLOCKS;
    private final Epochs epochs = new Epochs();
    private final SpaceMap map = map();
    private final DeferredFrees frees = new DeferredFrees(map, epochs);

    private static SpaceMap map() {
        Use[] use = new Use[SpaceMap.groupCount(BLOCKS)];
        Arrays.fill(use, Use.UNUSED);
        return new SpaceMap(
                BLOCKS, SpaceMap.allFree(BLOCKS), use, group -> new long[GroupItem.BITMAP_WORDS]);
    }

    private Range allocated(int blocks) throws IOException {
        Range range = map.allocateData(blocks);
        assertNotNull(range);
        assertEquals(blocks, range.blockCount());
        return range;
    }

    private boolean isFreeAfterRelease(Range range) throws IOException {
        frees.releaseSafe();
        List<Range> free = map.hold(range);
        for (Range each : free) {
            map.letGo(each);
        }
        return free.equals(List.of(range));
    }

    @Test
    void whatASealedGroupFreedComesBackAtOnce() throws IOException {
        Range range = allocated(UNIT);
        frees.add(7, List.of(range));
        assertTrue(!isFreeAfterRelease(range), "before the group is durable");
        frees.durable(7, true);
        assertEquals(UNIT, frees.waitingBlockCount());
        assertTrue(isFreeAfterRelease(range));
        assertEquals(0, frees.waitingBlockCount());
    }

    @Test
    void whatAnUnsealedGroupFreedWaitsForTheNextOne() throws IOException {
        Range range = allocated(UNIT);
        frees.add(7, List.of(range));
        frees.durable(7, false);
        assertTrue(!isFreeAfterRelease(range), "recovery may still choose the state before");
        Range later = allocated(UNIT);
        frees.add(8, List.of(later));
        frees.durable(8, false);
        assertTrue(isFreeAfterRelease(range));
        assertTrue(!isFreeAfterRelease(later));
    }

    @Test
    void aReaderHoldsWhatItMaySee() throws IOException {
        Range range = allocated(UNIT);
        long reader = epochs.enter();
        frees.add(7, List.of(range));
        frees.durable(7, true);
        assertTrue(!isFreeAfterRelease(range));
        epochs.leave(reader);
        assertTrue(isFreeAfterRelease(range));
    }

    @Test
    void whatNoStateEverReachedWaitsForReadersOnly() throws IOException {
        Range range = allocated(UNIT);
        long reader = epochs.enter();
        frees.addUncommitted(range);
        assertTrue(!isFreeAfterRelease(range));
        epochs.leave(reader);
        assertTrue(isFreeAfterRelease(range));
    }

    @Test
    void discardCandidatesAreTheUnitsThatWereReleasedIntoAndStayInsideGroups() throws IOException {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            BitSet touched = new BitSet();
            for (int i = 0; i < 30; i++) {
                Range range = map.allocateData(1 + random.nextInt(700));
                assertNotNull(range, "seed " + seed);
                int from = (int) range.address() / UNIT * UNIT;
                touched.set(from, ((int) range.end() + UNIT - 1) / UNIT * UNIT);
                frees.addUncommitted(range);
                if (random.nextBoolean()) {
                    frees.releaseSafe();
                }
            }
            frees.releaseSafe();
            BitSet covered = new BitSet();
            for (Range each : frees.takeDiscardable()) {
                assertEquals(
                        each.address() / Blocks.PER_GROUP,
                        (each.end() - 1) / Blocks.PER_GROUP,
                        "seed " + seed + ": " + each);
                assertTrue(
                        covered.get((int) each.address(), (int) each.end()).isEmpty(),
                        "seed " + seed + ": twice " + each);
                covered.set((int) each.address(), (int) each.end());
            }
            assertEquals(touched, covered, "seed " + seed);
            assertEquals(List.of(), frees.takeDiscardable());
        }
    }

    @Test
    void whatHasComeBackIsNotReleasedOnceMore() throws IOException {
        Range range = allocated(UNIT);
        frees.add(7, List.of(range));
        frees.durable(7, true);
        assertTrue(frees.releaseSafe());
        Range again = allocated(UNIT);
        for (int i = 0; !again.equals(range); i++) {
            assertTrue(i < BLOCKS / UNIT, "the range is not handed out again");
            again = allocated(UNIT);
        }
        frees.durable(8, true);
        assertTrue(!isFreeAfterRelease(range), "it belongs to somebody else by now");
        assertEquals(0, frees.waitingBlockCount());
    }

    @Test
    void itSaysWhetherReadersAreWaitedForAndHowMuchDataWaits() throws IOException {
        Range range = allocated(UNIT);
        long reader = epochs.enter();
        frees.add(7, List.of(range));
        assertEquals(UNIT, frees.waitingDataBlockCount());
        frees.durable(7, true);
        assertTrue(!frees.releaseSafe(), "a reader is inside");
        assertEquals(UNIT, frees.waitingDataBlockCount());
        epochs.leave(reader);
        assertTrue(frees.releaseSafe());
        assertEquals(0, frees.waitingDataBlockCount());
    }

    /// The space tree of a pinned state says what the pin needs: when it can't be read, everything
    /// counts as needed, and nothing is reused before the pin ends.
    @Test
    void aPinWhoseSpaceTreeCantBeReadKeepsAllThatIsFreed() throws IOException {
        NodeStore lost = new NodeStore(new MemoryDevice(0), new UUID(1, 2), 4096, BLOCKS, 1 << 20);
        OwnedNode root = OwnedNode.create(4096, 1, 3, new UUID(1, 2), 1);
        root.insertChild(0, 0, 0, 0, OwnedNode.create(4096, 0, 3, new UUID(1, 2), 1));
        NodePage.setPointer(
                root.page(),
                NodePage.slotPosition(0, NodePage.INTERIOR_SLOT_BYTES),
                new BlockPointer(5, 0, 1, 7));
        BTree tree =
                BTree.reader(lost, 3, new CommittedNode(new BlockPointer(4, 0, 1, 7), root.page()));
        Range range = allocated(UNIT);
        PinnedBlocks pin = frees.pin(new SpaceTree(tree, BLOCKS));
        frees.add(7, List.of(range));
        frees.durable(7, true);
        assertTrue(!isFreeAfterRelease(range), "the pin may need it");
        frees.unpin(pin);
        assertTrue(isFreeAfterRelease(range));
    }
}
