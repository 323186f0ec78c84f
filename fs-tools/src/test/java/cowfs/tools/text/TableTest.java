package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
}
