package cowfs.fuse.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LookupCountsTest {
    @Test
    void countsAgreeWithAMapThroughGrowthAndShrinking() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            LookupCounts counts = new LookupCounts();
            Map<Long, Long> expected = new HashMap<>();
            int range = 1 + random.nextInt(5000);
            for (int step = 0; step < 50_000; step++) {
                long node = 1 + (random.nextBoolean() ? 1L : 1L << 40) * random.nextInt(range);
                boolean growing = step / 10_000 % 2 == 0;
                if (random.nextInt(10) < (growing ? 7 : 2)) {
                    counts.add(node);
                    expected.merge(node, 1L, Long::sum);
                } else {
                    long held = expected.getOrDefault(node, 0L);
                    long count = 1L + random.nextInt(3);
                    boolean gone = held > 0 && count >= held;
                    assertEquals(gone, counts.subtract(node, count), "seed " + seed);
                    if (gone) {
                        expected.remove(node);
                    } else if (held > 0) {
                        expected.put(node, held - count);
                    }
                }
                assertEquals(expected.containsKey(node), counts.contains(node), "seed " + seed);
            }
            assertEquals(expected.size(), counts.size(), "seed " + seed);
            for (long node : expected.keySet()) {
                assertTrue(counts.contains(node), "seed " + seed);
            }
        }
    }

    @Test
    void aNodeIsForgottenOnceAndOnlyOnce() {
        LookupCounts counts = new LookupCounts();
        counts.add(5);
        counts.add(5);
        assertFalse(counts.subtract(5, 1));
        assertTrue(counts.subtract(5, 1));
        assertFalse(counts.subtract(5, 1));
        assertFalse(counts.contains(5));
    }
}
