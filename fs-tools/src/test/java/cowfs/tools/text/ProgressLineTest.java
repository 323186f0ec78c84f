package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ProgressLineTest {
    private static final long MIB = 1L << 20;

    @Test
    void showsABarTheRateAndTheTimeThatIsLeft() {
        assertEquals(
                "checked [##########------------------------------] 25%  10.0M/s  1m 15s left",
                ProgressLine.text("checked", 250 * MIB, 1000 * MIB, 10.0 * MIB, 100));
        assertEquals(
                "checked [####################--------------------] 50%  1.0M/s  2h 46m left",
                ProgressLine.text("checked", 10_000 * MIB, 20_000 * MIB, MIB, 100));
    }

    @Test
    void withoutARateThereIsNoTime() {
        assertTrue(ProgressLine.text("checked", 1, 2, 0, 100).endsWith("] 50%"));
    }

    @Test
    void isNeverDoneBeforeTheEnd() {
        String text = ProgressLine.text("scrubbed", 30, 20, 5, 100);
        assertTrue(text.contains(" 99%"), text);
        assertFalse(text.contains("left"), text);
        assertEquals("received 3.0M  1.0M/s", ProgressLine.text("received", 3 * MIB, 0, MIB, 100));
    }

    @Test
    void fitsEveryTerminal() {
        for (int columns = 20; columns < 120; columns++) {
            String text = ProgressLine.text("scrubbed", 999 * MIB, 5000 * MIB, MIB, columns);
            assertTrue(text.length() < columns, columns + ": " + text);
            assertTrue(text.startsWith("scrubbed"), text);
        }
    }
}
