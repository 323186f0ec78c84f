package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class TableTest {
    @Test
    void numbersStandAtTheRightAndNothingTrails() {
        Table table = new Table(Table.words("NAME"), Table.numbers("SIZE"), Table.words("ORIGIN"));
        table.add("grün", "1.5K", "-");
        table.add("a", "1023.9G", "main@mon");
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);

        table.print(out);

        assertEquals(
                """
                NAME     SIZE  ORIGIN
                grün     1.5K  -
                a     1023.9G  main@mon
                """,
                text.toString());
    }

    @Test
    void aRowThatDoesNotFitIsAMistake() {
        Table table = new Table(Table.words("NAME"));
        assertThrows(IllegalArgumentException.class, () -> table.add("a", "b"));
    }

    @Test
    void wordsAreCutInTheMiddleToFitTheTerminalAndNumbersNever() {
        Table table = new Table(Table.words("NAME"), Table.numbers("SIZE"), Table.words("ORIGIN"));
        table.add("main@a-very-long-name-of-a-snapshot-2026", "12345.6M", "-");
        table.add("short", "1.0K", "main@monday");
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        table.print(out, 40, false);
        out.flush();
        assertEquals(
                """
                NAME                   SIZE  ORIGIN
                main@a-v…hot-2026  12345.6M  -
                short                  1.0K  main@monday
                """,
                text.toString());
        for (int columns = 30; columns < 80; columns++) {
            StringWriter narrow = new StringWriter();
            PrintWriter to = new PrintWriter(narrow);
            table.print(to, columns, false);
            to.flush();
            for (String line : narrow.toString().split("\n", -1)) {
                assertTrue(line.length() <= columns, columns + ": " + line);
            }
        }
    }

    @Test
    void onlyTheHeaderIsBold() {
        Table table = new Table(Table.words("NAME"));
        table.add("main");
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        table.print(out, Integer.MAX_VALUE, true);
        out.flush();
        assertEquals("\u001b[1mNAME\u001b[0m\nmain\n", text.toString());
    }
}
