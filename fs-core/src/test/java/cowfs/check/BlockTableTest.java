package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class BlockTableTest {
    @Test
    void keepsWhatWasSetWhileGroupsFillAndGrow() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            int count = 1024 * 5 + 300;
            BlockTable table = new BlockTable(count);
            int[] expected = new int[count];
            for (int step = 0; step < 300; step++) {
                int value = random.nextInt(4) == 0 ? random.nextInt(1000) : random.nextInt(3);
                int from = random.nextInt(count);
                int to = Math.min(count, from + random.nextInt(2500));
                for (int block = from; block < to; block++) {
                    table.set(block, value);
                    expected[block] = value;
                }
            }
            for (int block = 0; block < count; block++) {
                assertEquals(expected[block], table.get(block), "seed " + seed + " block " + block);
            }
        }
    }

    @Test
    void fullGroupsOfEqualNumbersStayApart() {
        BlockTable table = new BlockTable(3 * 1024);
        for (int block = 0; block < 2048; block++) {
            table.set(block, 13);
        }
        table.set(1030, 14);
        assertEquals(13, table.get(6), "the other group is not touched");
        assertEquals(14, table.get(1030));
        assertEquals(13, table.get(1031));
        assertFalse(table.isZero(0));
        assertTrue(table.isZero(2));
    }
}
