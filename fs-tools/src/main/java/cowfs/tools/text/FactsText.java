package cowfs.tools.text;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Answers of the inspector for people: members one below the other, lists of equal things as
/// tables. What `--json` prints, in another form.
public final class FactsText {
    private static final String INDENT = "  ";
    private static final int LONGEST_CELL = 60;

    private FactsText() {}

    /// Prints an answer. Empty and missing members are left out.
    public static void print(Map<String, @Nullable Object> facts, PrintWriter out) {
        print(facts, "", out);
    }

    private static void print(Map<?, ?> facts, String indent, PrintWriter out) {
        int width =
                facts.entrySet().stream()
                        .filter(each -> isPlain(each.getValue()) && !isEmpty(each.getValue()))
                        .mapToInt(each -> word(each.getKey()).length())
                        .max()
                        .orElse(0);
        facts.forEach(
                (key, value) -> {
                    if (isEmpty(value)) {
                        return;
                    }
                    String word = word(key);
                    if (isPlain(value)) {
                        out.println(
                                indent
                                        + word
                                        + ":"
                                        + " ".repeat(width - word.length() + 2)
                                        + text(value));
                    } else if (value instanceof Map<?, ?> map) {
                        out.println(indent + word + ":");
                        print(map, indent + INDENT, out);
                    } else if (value instanceof List<?> list) {
                        out.println(indent + word + ":");
                        print(list, indent + INDENT, out);
                    }
                });
    }

    private static void print(List<?> list, String indent, PrintWriter out) {
        List<Map<?, ?>> rows = new ArrayList<>();
        for (Object each : list) {
            if (each instanceof Map<?, ?> map) {
                rows.add(map);
            } else {
                out.println(indent + text(each));
            }
        }
        if (rows.stream().allMatch(FactsText::isRow) && haveMostlyTheSameKeys(rows)) {
            table(rows, out);
        } else {
            for (Map<?, ?> row : rows) {
                String line =
                        row.entrySet().stream()
                                .filter(
                                        each ->
                                                isPlain(each.getValue())
                                                        && !isEmpty(each.getValue()))
                                .map(each -> each.getKey() + "=" + text(each.getValue()))
                                .collect(Collectors.joining(" "));
                out.println(indent + line);
                Map<Object, Object> rest = new LinkedHashMap<>();
                row.forEach(
                        (key, value) -> {
                            if (value != null && !isPlain(value)) {
                                rest.put(key, value);
                            }
                        });
                print(rest, indent + INDENT + INDENT, out);
            }
        }
    }

    private static boolean isRow(Map<?, ?> row) {
        return row.values().stream()
                .allMatch(value -> isPlain(value) && text(value).length() <= LONGEST_CELL);
    }

    private static boolean haveMostlyTheSameKeys(List<Map<?, ?>> rows) {
        Set<Object> keys = keys(rows);
        long cells = rows.stream().mapToLong(Map::size).sum();
        return cells * 3 >= 2L * keys.size() * rows.size();
    }

    private static Set<Object> keys(List<Map<?, ?>> rows) {
        Set<Object> keys = new LinkedHashSet<>();
        rows.forEach(row -> keys.addAll(row.keySet()));
        return keys;
    }

    private static void table(List<Map<?, ?>> rows, PrintWriter out) {
        List<Object> keys = new ArrayList<>();
        for (Object key : keys(rows)) {
            if (rows.stream().anyMatch(row -> !isEmpty(row.get(key)))) {
                keys.add(key);
            }
        }
        if (rows.isEmpty() || keys.isEmpty()) {
            return;
        }
        Table table =
                new Table(keys.stream().map(key -> column(key, rows)).toArray(Table.Column[]::new));
        for (Map<?, ?> row : rows) {
            table.add(keys.stream().map(key -> cell(row.get(key))).toArray(String[]::new));
        }
        table.print(out);
    }

    private static Table.Column column(Object key, List<Map<?, ?>> rows) {
        boolean numbers =
                rows.stream()
                        .map(row -> row.get(key))
                        .allMatch(value -> value == null || value instanceof Number);
        String title = word(key).toUpperCase(Locale.ROOT);
        return numbers ? Table.numbers(title) : Table.words(title);
    }

    private static String cell(@Nullable Object value) {
        return isEmpty(value) ? "-" : text(value);
    }

    private static boolean isPlain(@Nullable Object value) {
        return !(value instanceof Map<?, ?>)
                && !(value instanceof List<?> list
                        && (list.size() > 12 || list.stream().anyMatch(Map.class::isInstance)));
    }

    private static boolean isEmpty(@Nullable Object value) {
        return value == null
                || (value instanceof String text && text.isEmpty())
                || (value instanceof List<?> list && list.isEmpty())
                || (value instanceof Map<?, ?> map && map.isEmpty());
    }

    private static String text(@Nullable Object value) {
        if (value instanceof Boolean truth) {
            return truth ? "yes" : "no";
        }
        return value instanceof List<?> list
                ? list.stream().map(FactsText::text).collect(Collectors.joining(", "))
                : String.valueOf(value);
    }

    private static String word(Object key) {
        return key.toString().replace('_', ' ');
    }
}
