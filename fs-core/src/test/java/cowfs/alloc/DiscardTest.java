package cowfs.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import cowfs.format.Blocks;
import cowfs.format.GroupItem;
import cowfs.format.GroupItem.Use;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DiscardTest {
    private static final long DEVICE_BLOCKS = 16L * Blocks.PER_GROUP;
    private static final int UNIT = SpaceMap.DISCARD_BLOCKS;

    private final SpaceMap map = new SpaceMap(DEVICE_BLOCKS, free(), use(), DiscardTest::empty);
    private final DeferredFrees frees = new DeferredFrees(map, new Epochs());

    private static int[] free() {
        return SpaceMap.allFree(DEVICE_BLOCKS);
    }

    private static Use[] use() {
        Use[] use = new Use[SpaceMap.groupCount(DEVICE_BLOCKS)];
        Arrays.fill(use, Use.UNUSED);
        return use;
    }

    private static long[] empty(long group) {
        return new long[GroupItem.BITMAP_WORDS];
    }

    /// Fills one whole group with data; returns its first block.
    private long fillGroup() throws IOException {
        Range range = map.allocateData(Blocks.PER_GROUP);
        assertNotNull(range);
        assertEquals(Blocks.PER_GROUP, range.blockCount());
        return range.address();
    }

    private void free(long address, int blockCount) throws IOException {
        frees.addUncommitted(new Range(address, blockCount));
        frees.releaseSafe();
        assertEquals(0, frees.waitingBlockCount());
    }

    private List<Range> discard() throws IOException {
        List<Range> discarded = new ArrayList<>();
        for (Range candidate : frees.takeDiscardable()) {
            discarded.addAll(map.hold(candidate));
        }
        for (Range range : discarded) {
            map.letGo(range);
        }
        return discarded;
    }

    @Test
    void scatteredBlocksAreNotDiscarded() throws IOException {
        long start = fillGroup();
        for (int i = 0; i < Blocks.PER_GROUP; i += 2) {
            free(start + i, 1);
        }
        assertEquals(List.of(), discard());
    }

    @Test
    void unitIsDiscardedOnceItsLastBlockIsFree() throws IOException {
        long start = fillGroup();
        free(start + 2 * UNIT, UNIT - 1);
        assertEquals(List.of(), discard());
        free(start + 3 * UNIT - 1, 1);
        assertEquals(List.of(new Range(start + 2 * UNIT, UNIT)), discard());
        assertEquals(List.of(), discard());
    }

    @Test
    void neighboursAreDiscardedTogetherAndUnitsInUseAreLeftOut() throws IOException {
        long start = fillGroup();
        free(start, 5 * UNIT + 3);
        free(start + 7 * UNIT - 1, 2 * UNIT + 1);
        free(start + Blocks.PER_GROUP - UNIT, UNIT);
        assertEquals(
                List.of(
                        new Range(start, 5 * UNIT),
                        new Range(start + 7 * UNIT, 2 * UNIT),
                        new Range(start + Blocks.PER_GROUP - UNIT, UNIT)),
                discard());
    }

    @Test
    void groupThatIsFreeAsAWholeIsDiscardedInOnePieceAndUnusedAgain() throws IOException {
        long start = fillGroup();
        free(start, Blocks.PER_GROUP);
        assertEquals(List.of(new Range(start, Blocks.PER_GROUP)), discard());
        assertEquals(Use.UNUSED, map.use(start >>> Blocks.GROUP_SHIFT));
    }

    @Test
    void blocksThatWereHandedOutAgainAreNotDiscarded() throws IOException {
        long start = fillGroup();
        free(start, 8 * UNIT);
        assertEquals(new Range(start, 1), map.allocateData(1));
        assertEquals(List.of(new Range(start + UNIT, 7 * UNIT)), discard());
    }
}
