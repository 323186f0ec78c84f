package cowfs.alloc;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.GroupItem;
import cowfs.format.GroupItem.Use;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpaceMapTest {
    private static final int GROUPS = 12;
    private static final int SHORT_TAIL = 102;
    private static final long BLOCKS = GROUPS * Blocks.PER_GROUP + SHORT_TAIL;

    private static SpaceMap map(long blocks) {
        Use[] use = new Use[SpaceMap.groupCount(blocks)];
        Arrays.fill(use, Use.UNUSED);
        return new SpaceMap(
                blocks, SpaceMap.allFree(blocks), use, group -> new long[GroupItem.BITMAP_WORDS]);
    }

    private static List<Range> takeAllData(SpaceMap map, int want) throws IOException {
        List<Range> taken = new ArrayList<>();
        for (Range next = map.allocateData(want); next != null; next = map.allocateData(want)) {
            taken.add(next);
        }
        return taken;
    }

    private static long blocks(List<Range> ranges) {
        return ranges.stream().mapToLong(Range::blockCount).sum();
    }

    /// Checks what the map hands out against a bit for each block.
    private static final class Checked {
        final SpaceMap map = map(BLOCKS);
        final BitSet inUse = new BitSet();
        final Use[] use = new Use[GROUPS + 1];
        final List<Range> data = new ArrayList<>();
        final List<Range> nodes = new ArrayList<>();

        Checked() {
            Arrays.fill(use, Use.UNUSED);
        }

        void accept(@Nullable Range range, int mostBlocks, Use kind, List<Range> list) {
            if (range == null) {
                return;
            }
            assertTrue(range.blockCount() <= mostBlocks, range + " is longer than asked for");
            assertTrue(range.end() <= BLOCKS, range + " leaves the image");
            assertEquals(
                    range.address() >>> Blocks.GROUP_SHIFT,
                    (range.end() - 1) >>> Blocks.GROUP_SHIFT,
                    range + " crosses groups");
            int from = (int) range.address();
            int to = (int) range.end();
            assertTrue(inUse.get(from, to).isEmpty(), range + " was handed out twice");
            inUse.set(from, to);
            int group = from >>> Blocks.GROUP_SHIFT;
            assertTrue(
                    use[group] == Use.UNUSED || use[group] == kind, range + " is in a wrong group");
            use[group] = kind;
            list.add(range);
        }

        void release(List<Range> list, Random random) throws IOException {
            if (list.isEmpty()) {
                return;
            }
            Range range = list.remove(random.nextInt(list.size()));
            map.release(range);
            inUse.clear((int) range.address(), (int) range.end());
            int group = (int) (range.address() >>> Blocks.GROUP_SHIFT);
            int start = group << Blocks.GROUP_SHIFT;
            if (inUse.get(start, start + Blocks.PER_GROUP).isEmpty()) {
                use[group] = Use.UNUSED;
            }
        }

        void check(String where) {
            for (int group = 0; group <= GROUPS; group++) {
                assertEquals(use[group], map.use(group), where + " group " + group);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "4, 3", "16, 4", "4, 5", "1, 6"})
    void noBlockIsHandedOutTwiceAndDataAndNodesStayApart(int nodeBlocks, long seed)
            throws IOException {
        Random random = new Random(seed);
        Checked checked = new Checked();
        for (int round = 0; round < 4000; round++) {
            String where = "seed " + seed + " round " + round;
            boolean growing = round / 500 % 2 == 0;
            int dice = random.nextInt(10);
            if (dice < (growing ? 4 : 2)) {
                int want = 1 + random.nextInt(random.nextInt(8) == 0 ? 1024 : 64);
                checked.accept(checked.map.allocateData(want), want, Use.DATA, checked.data);
            } else if (dice < (growing ? 7 : 4)) {
                int count = 1 + random.nextInt(20);
                Range range = checked.map.allocateNodes(count, nodeBlocks, random.nextInt(2));
                if (range != null) {
                    assertEquals(0, range.address() % nodeBlocks, where);
                    assertEquals(0, range.blockCount() % nodeBlocks, where);
                }
                checked.accept(range, count * nodeBlocks, Use.METADATA, checked.nodes);
            } else {
                checked.release(random.nextBoolean() ? checked.data : checked.nodes, random);
            }
            checked.check(where);
        }
    }

    @Test
    void dataGetsAllButTheReserveAndThenNothing() throws IOException {
        SpaceMap map = map(BLOCKS);
        long promised = map.dataFreeBlocks();
        List<Range> taken = takeAllData(map, 300);
        assertNull(map.allocateData(1));
        assertEquals(promised, blocks(taken), "what was promised is what there was");
        assertEquals(0, map.dataFreeBlocks());
        assertEquals(map.reservedBlocks(), map.metadataFreeBlocks());
        assertNotNull(map.allocateNodes(1, 4, 0), "nodes may take the reserve");
    }

    @Test
    void nodesGetEverythingAndThenNull() throws IOException {
        SpaceMap map = map(GROUPS * Blocks.PER_GROUP);
        long total = 0;
        for (Range next = map.allocateNodes(100, 4, 0);
                next != null;
                next = map.allocateNodes(100, 4, 0)) {
            total += next.blockCount();
        }
        assertEquals(GROUPS * Blocks.PER_GROUP, total);
        assertNull(map.allocateNodes(1, 4, 1));
        assertNull(map.allocateData(1));
        assertEquals(0, map.metadataFreeBlocks());
    }

    @Test
    void everyFreedBlockCanBeTakenAgainHoweverScattered() throws IOException {
        SpaceMap map = map(BLOCKS);
        List<Range> taken = takeAllData(map, 1);
        long freed = 0;
        for (int i = 0; i < taken.size(); i += 7) {
            map.release(taken.get(i));
            freed++;
        }
        assertEquals(freed, map.dataFreeBlocks());
        assertEquals(freed, blocks(takeAllData(map, 50)));
    }

    @Test
    void anEmptiedGroupServesTheOtherKind() throws IOException {
        SpaceMap map = map(BLOCKS);
        List<Range> taken = takeAllData(map, 1024);
        for (Range range : taken) {
            map.release(range);
        }
        for (int group = 0; group <= GROUPS; group++) {
            assertEquals(Use.UNUSED, map.use(group));
        }
        assertNotNull(map.allocateNodes(1, 4, 0));
    }

    @Test
    void theCopiesOfNodesComeFromOppositeHalvesWhileThereIsRoom() throws IOException {
        SpaceMap map = map(GROUPS * Blocks.PER_GROUP);
        long half = GROUPS / 2 * Blocks.PER_GROUP;
        for (int i = 0; i < 20; i++) {
            Range first = map.allocateNodes(30, 4, 0);
            Range second = map.allocateNodes(30, 4, 1);
            assertNotNull(first);
            assertNotNull(second);
            assertTrue(first.address() < half);
            assertTrue(second.address() >= half);
        }
    }

    @Test
    void bitmapsAreLoadedWhenAGroupIsFirstUsed() throws IOException {
        BitSet loaded = new BitSet();
        int[] free = SpaceMap.allFree(BLOCKS);
        Use[] use = new Use[GROUPS + 1];
        Arrays.fill(use, Use.UNUSED);
        long[] words = new long[GroupItem.BITMAP_WORDS];
        words[0] = 0xffff;
        free[5] -= 16;
        use[5] = Use.METADATA;
        SpaceMap map =
                new SpaceMap(
                        BLOCKS,
                        free,
                        use,
                        group -> {
                            loaded.set((int) group);
                            return group == 5 ? words.clone() : new long[words.length];
                        });
        assertTrue(loaded.isEmpty());
        Range nodes = map.allocateNodes(4, 4, 0);
        assertEquals(new Range(5 * Blocks.PER_GROUP + 16, 16), nodes);
        assertEquals(1, loaded.cardinality());
    }

    @Test
    void aBitmapThatDisagreesWithItsSummaryIsCorrupt() {
        int[] free = SpaceMap.allFree(BLOCKS);
        Use[] use = new Use[GROUPS + 1];
        Arrays.fill(use, Use.UNUSED);
        free[0] = 7;
        use[0] = Use.METADATA;
        SpaceMap map = new SpaceMap(BLOCKS, free, use, group -> new long[GroupItem.BITMAP_WORDS]);
        assertThrows(CorruptException.class, () -> map.allocateNodes(1, 1, 0));
    }

    @Test
    void holdingTakesUnitsThatAreFreeAsAWholeAndLeavesTheRest() throws IOException {
        int unit = SpaceMap.DISCARD_BLOCKS;
        SpaceMap map = map(BLOCKS);
        Range first = map.allocateData(2 * unit);
        Range second = map.allocateData(unit);
        Range third = map.allocateData(unit);
        assertNotNull(first);
        assertNotNull(second);
        assertNotNull(third);
        map.release(first);
        map.release(new Range(second.address() + 1, unit - 1));
        map.release(third);
        Range all = new Range(first.address(), (int) (third.end() - first.address()));
        assertEquals(List.of(first, third), map.hold(all));
        assertEquals(List.of(), map.hold(all));
    }

    /// Discarding takes nothing away: not from what counts as free, not from the reserve, and who
    /// needs the last blocks waits for them.
    @Test
    void whatIsHeldCountsAsFreeAndIsWaitedFor() throws Exception {
        SpaceMap map = map(BLOCKS);
        long dataFree = map.dataFreeBlocks();
        long metadataFree = map.metadataFreeBlocks();
        List<Range> held = new ArrayList<>();
        for (long group = 0; group < SpaceMap.groupCount(BLOCKS); group++) {
            int blocks = SpaceMap.groupBlocks(BLOCKS, group) & -SpaceMap.DISCARD_BLOCKS;
            // not all of it: what is left must not become data's
            held.addAll(map.hold(new Range(group << Blocks.GROUP_SHIFT, blocks)));
        }
        assertEquals(dataFree, map.dataFreeBlocks());
        assertEquals(metadataFree, map.metadataFreeBlocks());
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Range> waiting = executor.submit(() -> map.allocateNodes(1, 16, 0));
            assertThrows(TimeoutException.class, () -> waiting.get(20, TimeUnit.MILLISECONDS));
            for (Range range : held) {
                map.letGo(range);
            }
            assertNotNull(waiting.get(60, TimeUnit.SECONDS));
        }
        assertEquals(metadataFree - 16, map.metadataFreeBlocks());
    }

    /// Who is interrupted meanwhile gets its blocks all the same, and is told afterwards.
    @Test
    void dataWaitsForWhatIsHeldAlsoWhenInterrupted() throws Exception {
        long blocks = GROUPS * Blocks.PER_GROUP;
        SpaceMap map = map(blocks);
        List<Range> held = new ArrayList<>();
        for (long group = 0; group < SpaceMap.groupCount(blocks); group++) {
            held.addAll(
                    map.hold(
                            new Range(
                                    group << Blocks.GROUP_SHIFT,
                                    SpaceMap.groupBlocks(blocks, group))));
        }
        FutureTask<Boolean> waiting =
                new FutureTask<>(
                        () -> {
                            assertNotNull(map.allocateData(1));
                            return Thread.currentThread().isInterrupted();
                        });
        Thread thread = new Thread(waiting, "waits for data");
        thread.start();
        await().until(() -> thread.getState() == Thread.State.WAITING);
        thread.interrupt();
        await().until(() -> !thread.isInterrupted());
        assertFalse(waiting.isDone());
        for (Range range : held) {
            map.letGo(range);
        }
        assertTrue(waiting.get(60, TimeUnit.SECONDS), "the interrupt is not lost");
    }

    @Test
    void aGroupOfTheReserveThatIsPartlyHeldIsNotGivenToData() throws IOException {
        SpaceMap map = map(BLOCKS);
        for (Range range = map.allocateData(64); range != null; ) {
            range = map.allocateData(64);
        }
        long unit = SpaceMap.DISCARD_BLOCKS;
        for (long group = 0; group < SpaceMap.groupCount(BLOCKS); group++) {
            map.hold(new Range(group << Blocks.GROUP_SHIFT, (int) unit));
        }
        assertEquals(0, map.dataFreeBlocks());
        assertTrue(map.metadataFreeBlocks() >= map.reservedBlocks());
    }

    @Test
    void releasingAFreeBlockIsAProgrammersMistake() throws IOException {
        SpaceMap map = map(BLOCKS);
        Range range = map.allocateData(10);
        assertNotNull(range);
        map.release(range);
        assertThrows(IllegalStateException.class, () -> map.release(range));
    }
}
