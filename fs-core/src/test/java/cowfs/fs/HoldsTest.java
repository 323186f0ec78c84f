package cowfs.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HoldsTest {
    private final Holds holds = new Holds();

    @Test
    void theLastReleaseOfAnUnlinkedInodeIsToldApart() {
        holds.add(5);
        holds.add(5);
        assertTrue(holds.markUnlinked(5));
        assertFalse(holds.remove(5, 1));
        assertTrue(holds.remove(5, 1));
        assertFalse(holds.isHeld(5));
        holds.add(5);
        assertFalse(holds.remove(5, 1), "the mark went with the last hold");
    }

    @Test
    void anInodeThatNobodyHoldsTakesNoMark() {
        assertFalse(holds.markUnlinked(5));
        holds.add(5);
        assertFalse(holds.remove(5, 1));
    }

    @Test
    void releasingMoreThanWasHeldIsAMistake() {
        holds.add(5);
        assertThrows(IllegalStateException.class, () -> holds.remove(5, 2));
        assertThrows(IllegalStateException.class, () -> holds.remove(6, 1));
        assertThrows(IllegalStateException.class, () -> holds.remove(5, 0));
        assertFalse(holds.remove(5, 1));
    }

    @Test
    void agreesWithAMapThroughGrowthAndShrinking() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Long, Integer> counts = new HashMap<>();
        Set<Long> unlinked = new HashSet<>();
        for (int step = 0; step < 400_000; step++) {
            // First mostly more, then mostly fewer, so that the table grows and shrinks.
            long inode = 1L + random.nextInt(5000);
            boolean add = random.nextInt(10) < (step < 200_000 ? 6 : 3);
            int count = counts.getOrDefault(inode, 0);
            if (add) {
                holds.add(inode);
                counts.put(inode, count + 1);
            } else if (count > 0) {
                boolean last = holds.remove(inode, 1);
                assertEquals(count == 1 && unlinked.contains(inode), last, "seed " + seed);
                if (count == 1) {
                    counts.remove(inode);
                    unlinked.remove(inode);
                } else {
                    counts.put(inode, count - 1);
                }
            }
            if (step % 7 == 0) {
                boolean held = counts.containsKey(inode);
                assertEquals(held, holds.markUnlinked(inode), "seed " + seed);
                if (held) {
                    unlinked.add(inode);
                }
            }
        }
        for (long inode = 1; inode <= 5000; inode++) {
            assertEquals(counts.containsKey(inode), holds.isHeld(inode), "seed " + seed);
        }
    }
}
