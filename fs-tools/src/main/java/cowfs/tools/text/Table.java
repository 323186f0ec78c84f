package cowfs.tools.text;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A table for people: a header and rows in aligned columns. Not thread safe.
public final class Table {
    private static final String GAP = "  ";
    private static final String ELLIPSIS = "…";
    private static final int NARROWEST = 8;

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

    /// Prints the header and the rows, cut to the width of the terminal if standard output is one.
    public void print(PrintWriter out) {
        print(out, Terminal.columns(Terminal.OUT), Terminal.hasColours(Terminal.OUT));
    }

    /// @param lineColumns the longest line; words are cut to it, numbers never
    void print(PrintWriter out, int lineColumns, boolean colours) {
        int[] widths = new int[columns.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        fit(widths, lineColumns);
        boolean header = true;
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = cut(row.get(i), widths[i]);
                String padding = " ".repeat(widths[i] - width(cell));
                line.append(i == 0 ? "" : GAP);
                line.append(this.columns.get(i).right() ? padding + cell : cell + padding);
            }
            String text = line.toString().stripTrailing();
            out.println(header && colours ? Terminal.bold(text) : text);
            header = false;
        }
    }

    /// Takes from the widest column of words, again and again, until all fit or none can be cut.
    private void fit(int[] widths, int limit) {
        int total = GAP.length() * (widths.length - 1);
        for (int width : widths) {
            total += width;
        }
        while (total > limit) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                if (!columns.get(i).right()
                        && widths[i] > NARROWEST
                        && (widest < 0 || widths[i] > widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                return;
            }
            widths[widest]--;
            total--;
        }
    }

    /// Leaves out the middle: names differ at their ends.
    private static String cut(String cell, int width) {
        if (width(cell) <= width) {
            return cell;
        }
        int head = (width - 1) / 2;
        int tail = width - 1 - head;
        return cell.substring(0, cell.offsetByCodePoints(0, head))
                + ELLIPSIS
                + cell.substring(cell.offsetByCodePoints(cell.length(), -tail));
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /// @param right numbers stand at the right edge of their column
    public record Column(String title, boolean right) {}
}
