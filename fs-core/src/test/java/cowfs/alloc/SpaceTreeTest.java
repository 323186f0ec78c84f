package cowfs.alloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.device.MemoryDevice;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.GroupItem;
import cowfs.format.GroupItem.Use;
import cowfs.format.ItemKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpaceTreeTest {
    private static final long BLOCKS = 12 * Blocks.PER_GROUP + 100;

    private final SpaceTree space = new SpaceTree(tree(), BLOCKS);

    private static BTree tree() {
        NodeStore store = new NodeStore(new MemoryDevice(0), new UUID(1, 2), 4096, BLOCKS, 1 << 20);
        return BTree.writer(store, 3, null, 0, 1, old -> {});
    }

    private static SpaceMap emptyMap() {
        int groups = SpaceMap.groupCount(BLOCKS);
        Use[] use = new Use[groups];
        java.util.Arrays.fill(use, Use.UNUSED);
        return new SpaceMap(
                BLOCKS, SpaceMap.allFree(BLOCKS), use, group -> new long[GroupItem.BITMAP_WORDS]);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void bitmapsAndSummariesFollowWhatIsMarked(long seed) throws IOException {
        Random random = new Random(seed);
        SpaceMap map = emptyMap();
        List<Range> held = new ArrayList<>();
        BitSet model = new BitSet();
        Range area = map.allocateNodes(32, 1, 0);
        assertEquals(new Range(0, 32), area);
        space.markReserved(0, 32, map);
        model.set(0, 32);
        for (int round = 0; round < 300; round++) {
            List<Range> taken = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                Range range =
                        random.nextBoolean()
                                ? map.allocateData(1 + random.nextInt(300))
                                : map.allocateNodes(1 + random.nextInt(5), 4, random.nextInt(2));
                if (range != null) {
                    taken.add(range);
                }
            }
            taken.sort(Comparator.comparingLong(Range::address));
            space.mark(taken, true, map);
            taken.forEach(range -> model.set((int) range.address(), (int) range.end()));
            held.addAll(taken);
            List<Range> freed = new ArrayList<>();
            for (int i = random.nextInt(5); i > 0 && !held.isEmpty(); i--) {
                freed.add(held.remove(random.nextInt(held.size())));
            }
            freed.sort(Comparator.comparingLong(Range::address));
            space.mark(freed, false, map);
            for (Range range : freed) {
                model.clear((int) range.address(), (int) range.end());
                map.release(range);
            }
            check(model, map, "seed " + seed + " round " + round);
        }
    }

    private void check(BitSet model, SpaceMap map, String where) throws IOException {
        int groups = SpaceMap.groupCount(BLOCKS);
        int[] free = new int[groups];
        Use[] use = new Use[groups];
        space.loadSummaries(free, use);
        for (int group = 0; group < groups; group++) {
            int from = group * Blocks.PER_GROUP;
            BitSet want = model.get(from, from + Blocks.PER_GROUP);
            assertEquals(want, BitSet.valueOf(space.load(group)), where + " group " + group);
            assertEquals(
                    SpaceMap.groupBlocks(BLOCKS, group) - want.cardinality(),
                    free[group],
                    where + " group " + group);
            assertEquals(map.use(group), use[group], where + " group " + group);
        }
    }

    @Test
    void markingTwiceIsAProgrammersMistake() throws IOException {
        SpaceMap map = emptyMap();
        Range range = map.allocateData(10);
        assertEquals(10, range == null ? 0 : range.blockCount());
        List<Range> marked = range == null ? List.of() : List.of(range);
        space.mark(marked, true, map);
        assertThrows(IllegalStateException.class, () -> space.mark(marked, true, map));
        space.mark(marked, false, map);
        assertThrows(IllegalStateException.class, () -> space.mark(marked, false, map));
    }

    @Test
    void aGroupWithoutABitmapIsFree() throws IOException {
        assertArrayEquals(new long[GroupItem.BITMAP_WORDS], space.load(3));
    }

    @Test
    void aSummaryOfARegionThatTheImageDoesNotHaveIsCorrupt() throws IOException {
        for (long region : new long[] {1, -1, 1L << 56, Long.MAX_VALUE}) {
            BTree tree = tree();
            tree.put(
                    GroupItem.SUMMARY_KEY,
                    ItemKind.GROUP_SUMMARY.number(),
                    region,
                    new byte[GroupItem.SUMMARY_BYTES]);
            int groups = SpaceMap.groupCount(BLOCKS);
            assertThrows(
                    CorruptException.class,
                    () ->
                            new SpaceTree(tree, BLOCKS)
                                    .loadSummaries(new int[groups], new Use[groups]),
                    "region " + region);
        }
    }
}
