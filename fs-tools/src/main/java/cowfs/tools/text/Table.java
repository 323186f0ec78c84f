package cowfs.tools.text;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A table for people: a header and rows in aligned columns. Not thread safe.
public final class Table {
    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    /// A table without rows.
    public Table(Column... columns) {
        this.columns = List.of(columns);
        rows.add(Arrays.stream(columns).map(Column::title).toList());
    }

    /// A column of words.
    public static Column words(String title) {
        return new Column(title, false);
    }

    /// A column of sizes or numbers.
    public static Column numbers(String title) {
        return new Column(title, true);
    }

    /// Adds a row with one cell for each column.
    public void add(String... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(
                    cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(List.of(cells));
    }

    /// Prints the header and the rows.
    public void print(PrintWriter out) {
        int[] widths = new int[columns.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - width(row.get(i)));
                line.append(i == 0 ? "" : "  ");
                line.append(columns.get(i).right() ? padding + row.get(i) : row.get(i) + padding);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /// @param right numbers stand at the right edge of their column
    public record Column(String title, boolean right) {}
}
