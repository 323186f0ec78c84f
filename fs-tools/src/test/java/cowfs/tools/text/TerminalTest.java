package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class TerminalTest {
    @Test
    void noColoursWhereSomebodyOrTheTerminalDoesNotWantThem() {
        assertTrue(Terminal.wantsColours(null, "xterm"));
        assertTrue(Terminal.wantsColours("", "xterm"), "an empty NO_COLOR counts as none");
        assertFalse(Terminal.wantsColours("1", "xterm"));
        assertFalse(Terminal.wantsColours("0", "xterm"));
        assertFalse(Terminal.wantsColours(null, "dumb"));
        assertFalse(Terminal.wantsColours(null, null));
    }

    @Test
    void aWidthThatIsNoneIsNoBound() {
        assertEquals(80, Terminal.parseColumns("80"));
        assertEquals(Integer.MAX_VALUE, Terminal.parseColumns(null));
        assertEquals(Integer.MAX_VALUE, Terminal.parseColumns("wide"));
        assertEquals(Integer.MAX_VALUE, Terminal.parseColumns("0"));
        assertEquals(Integer.MAX_VALUE, Terminal.parseColumns("-5"));
    }
}
