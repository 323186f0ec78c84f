package cowfs.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.device.MemoryDevice;
import cowfs.error.CorruptException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RefcountsTest {
    private static final int BLOCKS = 3000;

    private static BTree emptyTree(int nodeBytes) {
        NodeStore store =
                new NodeStore(new MemoryDevice(0), new UUID(1, 2), nodeBytes, BLOCKS, 1 << 20);
        return BTree.writer(store, 2, null, 0, 1, old -> {});
    }

    /// The counts that a tree of references should give, block by block.
    private static final class Model {
        final Refcounts refcounts = new Refcounts(emptyTree(4096), BLOCKS);
        final int[] counts = new int[BLOCKS];

        Model() {
            Arrays.fill(counts, 1);
        }

        void increment(int address, int count) throws IOException {
            refcounts.increment(address, count);
            for (int i = address; i < address + count; i++) {
                counts[i]++;
            }
        }

        /// Takes references away; what has none left starts again with one, as if it was allocated
        /// anew.
        void decrement(int address, int count) throws IOException {
            boolean[] freed = new boolean[BLOCKS];
            refcounts.decrement(
                    address,
                    count,
                    (from, blocks) -> {
                        for (int i = 0; i < blocks; i++) {
                            int block = Math.toIntExact(from + i);
                            assertTrue(!freed[block], "block " + block + " freed twice");
                            freed[block] = true;
                        }
                    });
            for (int i = 0; i < BLOCKS; i++) {
                boolean inside = i >= address && i < address + count;
                assertEquals(inside && counts[i] == 1, freed[i], "freed: block " + i);
                if (inside && counts[i] > 1) {
                    counts[i]--;
                }
            }
        }

        void check(Random random) throws IOException {
            int[] found = new int[BLOCKS];
            int from = 1 + random.nextInt(100);
            int[] end = {from};
            refcounts.forEachPiece(
                    from,
                    BLOCKS - from,
                    (address, count, references) -> {
                        assertEquals(end[0], address, "pieces are in order without gaps");
                        assertTrue(count > 0);
                        end[0] = Math.toIntExact(address + count);
                        Arrays.fill(found, Math.toIntExact(address), end[0], references);
                    });
            assertEquals(BLOCKS, end[0]);
            for (int i = from; i < BLOCKS; i++) {
                assertEquals(counts[i], found[i], "count of block " + i);
            }
            int block = 1 + random.nextInt(BLOCKS - 1);
            assertEquals(counts[block], refcounts.count(block));
            assertEquals(expectedRecords(), records(), "records that could be one");
        }

        int expectedRecords() {
            int records = 0;
            for (int i = 1; i < BLOCKS; i++) {
                if (counts[i] > 1 && counts[i] != counts[i - 1]) {
                    records++;
                }
            }
            return records;
        }

        int records() throws IOException {
            int records = 0;
            Cursor cursor = refcounts.tree().cursor();
            for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
                records++;
            }
            return records;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void agreesWithACountForEachBlock(long seed) throws IOException {
        Random random = new Random(seed);
        Model model = new Model();
        int step = 0;
        try {
            for (; step < 1500; step++) {
                // few places, so that ranges often meet exactly
                int address = 1 + random.nextInt(180) * 16;
                int count = (1 + random.nextInt(6)) * 16 - (random.nextInt(4) == 0 ? 3 : 0);
                if (random.nextInt(100) < (step < 800 ? 60 : 35)) {
                    model.increment(address, count);
                } else {
                    model.decrement(address, count);
                }
                model.check(random);
            }
        } catch (AssertionError failed) {
            throw new AssertionError("seed " + seed + " step " + step, failed);
        }
    }

    @Test
    void rangesThatMeetWithEqualCountsBecomeOneRecord() throws IOException {
        Model model = new Model();
        model.increment(100, 10);
        model.increment(120, 10);
        assertEquals(2, model.records());
        model.increment(110, 10);
        assertEquals(1, model.records());
    }

    @Test
    void aRecordMergesWithTheOneBeforeItWhenItsOwnCountChanges() throws IOException {
        Model model = new Model();
        model.increment(100, 10);
        model.increment(110, 10);
        model.increment(110, 10);
        assertEquals(2, model.records());
        model.decrement(110, 10);
        assertEquals(1, model.records());
    }

    @Test
    void noRecordIsLeftWhenNothingIsShared() throws IOException {
        Model model = new Model();
        model.increment(1, BLOCKS - 1);
        model.increment(500, 700);
        model.decrement(500, 700);
        model.decrement(1, BLOCKS - 1);
        assertEquals(0, model.records());
    }

    @Test
    void aRangeOutsideTheImageIsCorrupt() {
        Model model = new Model();
        assertThrows(CorruptException.class, () -> model.refcounts.increment(0, 1));
        assertThrows(CorruptException.class, () -> model.refcounts.increment(-5, 10));
        assertThrows(CorruptException.class, () -> model.refcounts.increment(BLOCKS - 1, 2));
        assertThrows(CorruptException.class, () -> model.refcounts.increment(5, Long.MAX_VALUE));
        assertThrows(
                CorruptException.class,
                () -> model.refcounts.decrement(7, 0, (address, count) -> {}));
    }
}
