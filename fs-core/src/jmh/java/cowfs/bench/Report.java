package cowfs.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The result of a program: rows of named values, printed as a table and written as JSON.
///
/// Columns keep the order in which they were first named; a row need not have all of them. Values
/// are strings, `Long` or `Double`. Not thread safe.
public final class Report {
    private final String title;
    private final List<Map<String, Object>> rows = new ArrayList<>();

    public Report(String title) {
        this.title = title;
    }

    /// One row under construction.
    public final class Row {
        private final Map<String, Object> values = new LinkedHashMap<>();

        private Row() {
            rows.add(values);
        }

        public Row put(String column, String value) {
            values.put(column, value);
            return this;
        }

        public Row put(String column, long value) {
            values.put(column, value);
            return this;
        }

        public Row put(String column, double value) {
            values.put(column, value);
            return this;
        }
    }

    public Row row() {
        return new Row();
    }

    /// Prints all rows with aligned columns.
    public void print(PrintStream out) {
        List<String> columns = new ArrayList<>();
        for (Map<String, Object> row : rows) {
            row.keySet().stream().filter(name -> !columns.contains(name)).forEach(columns::add);
        }
        int[] widths = columns.stream().mapToInt(String::length).toArray();
        for (Map<String, Object> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], text(row.get(columns.get(i))).length());
            }
        }
        out.println();
        out.println("## " + title);
        out.println();
        StringBuilder head = new StringBuilder("|");
        StringBuilder rule = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            head.append(' ').append(pad(columns.get(i), -widths[i])).append(" |");
            rule.append("-".repeat(widths[i] + 2)).append('|');
        }
        out.println(head);
        out.println(rule);
        for (Map<String, Object> row : rows) {
            StringBuilder line = new StringBuilder("|");
            for (int i = 0; i < widths.length; i++) {
                Object value = row.get(columns.get(i));
                int width = value instanceof Number ? widths[i] : -widths[i];
                line.append(' ').append(pad(text(value), width)).append(" |");
            }
            out.println(line);
        }
        out.flush();
    }

    /// Writes `{"title":...,"rows":[{...},...]}`.
    public void write(Path file) throws IOException {
        StringBuilder json = new StringBuilder("{\"title\":").append(quote(title));
        json.append(",\"rows\":[");
        String separator = "\n";
        for (Map<String, Object> row : rows) {
            json.append(separator).append('{');
            separator = "";
            for (Map.Entry<String, Object> entry : row.entrySet()) {
                Object value = entry.getValue();
                json.append(separator).append(quote(entry.getKey())).append(':');
                json.append(value instanceof String word ? quote(word) : value.toString());
                separator = ",";
            }
            json.append('}');
            separator = ",\n";
        }
        Files.writeString(file, json.append("\n]}\n"));
    }

    private static String text(Object value) {
        return switch (value) {
            case null -> "";
            case Double number when Math.abs(number) >= 100 ->
                    String.format(Locale.ROOT, "%.0f", number);
            case Double number when Math.abs(number) >= 10 ->
                    String.format(Locale.ROOT, "%.1f", number);
            case Double number -> String.format(Locale.ROOT, "%.3f", number);
            default -> value.toString();
        };
    }

    /// @param width negative: to the left
    private static String pad(String text, int width) {
        return String.format(Locale.ROOT, "%" + width + "s", text);
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
