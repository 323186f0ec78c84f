package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.command.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// The tables of `docs/json.md`, and what it means that an output keeps to one.
///
/// @param sections the rows by the name in the heading and by their keys; what has the type of
///   another table stands there as the keys of that
record JsonTables(Map<String, Map<String, Row>> sections) {
    private static final Pattern HEADING = Pattern.compile("#+ (Type )?`([A-Za-z -]+)`.*");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([a-z ]+) \\|(.*)\\|");

    /// All keys of a type, in place.
    private static final String ITSELF = "*";

    /// Types of objects whose keys stand elsewhere.
    private static final Set<String> OPAQUE = Set.of("object", "record");

    /// What is said of a key.
    record Row(String type, boolean optional) {}

    static JsonTables read() {
        Map<String, Map<String, Row>> written = new LinkedHashMap<>();
        Map<String, Map<String, Row>> types = new LinkedHashMap<>();
        Map<String, Row> table = new LinkedHashMap<>();
        for (String line : lines()) {
            Matcher heading = HEADING.matcher(line);
            Matcher row = ROW.matcher(line);
            if (heading.matches()) {
                table = new LinkedHashMap<>();
                (heading.group(1) == null ? written : types).put(heading.group(2), table);
            } else if (row.matches()) {
                table.put(row.group(1), new Row(row.group(2), row.group(3).contains("optional")));
            }
        }
        Map<String, Map<String, Row>> sections = new LinkedHashMap<>();
        written.forEach((name, rows) -> sections.put(name, expanded(rows, types)));
        return new JsonTables(sections);
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(Path.of("..", "docs", "json.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Row> expanded(
            Map<String, Row> rows, Map<String, Map<String, Row>> types) {
        Map<String, Row> all = new LinkedHashMap<>();
        rows.forEach(
                (key, row) -> {
                    Map<String, Row> type = types.get(row.type());
                    if (type == null) {
                        all.put(key, row);
                        return;
                    }
                    String prefix = key.equals(ITSELF) ? "" : key + ".";
                    type.forEach(
                            (name, each) ->
                                    all.put(
                                            prefix + name,
                                            new Row(
                                                    each.type(),
                                                    each.optional() || row.optional())));
                });
        return all;
    }

    /// Checks that an object has the keys of a section, with their types, and no others.
    void require(String section, Map<String, ?> printed) {
        Map<String, Row> documented = sections.get(section);
        assertNotNull(documented, "docs/json.md has no section " + section);
        Map<String, TreeSet<String>> found = new TreeMap<>();
        flatten("", printed, documented, found);
        found.forEach(
                (key, types) -> {
                    Row row = documented.get(key);
                    assertNotNull(row, section + " prints '" + key + "', which is not documented");
                    for (String type : types) {
                        assertTrue(
                                row.type().equals("record") && type.equals("object")
                                        || List.of(row.type().split(" or ", -1)).contains(type),
                                section + ": '" + key + "' is a " + type + ", not " + row.type());
                    }
                });
        documented.forEach(
                (key, row) ->
                        assertTrue(
                                row.optional() || found.containsKey(key),
                                section + " does not print '" + key + "'"));
    }

    private static void flatten(
            String key,
            @Nullable Object value,
            Map<String, Row> documented,
            Map<String, TreeSet<String>> to) {
        Row row = documented.get(key);
        boolean opaque = row != null && OPAQUE.contains(row.type());
        switch (value) {
            case Map<?, ?> map when !opaque -> {
                String prefix = key.isEmpty() ? "" : key + ".";
                map.forEach((name, member) -> flatten(prefix + name, member, documented, to));
            }
            case List<?> list when list.stream().anyMatch(Map.class::isInstance) -> {
                if (row != null) {
                    note(key, "list", to);
                }
                list.forEach(element -> flatten(key + "[]", element, documented, to));
            }
            case null -> note(key, "null", to);
            case List<?> list -> note(key, "list", to);
            case Map<?, ?> map -> note(key, "object", to);
            case String text -> note(key, "string", to);
            case Boolean flag -> note(key, "boolean", to);
            case Number number -> note(key, "integer", to);
            default -> throw new AssertionError(key + ": " + value);
        }
    }

    private static void note(String key, String type, Map<String, TreeSet<String>> to) {
        to.computeIfAbsent(key, absent -> new TreeSet<>()).add(type);
    }

    /// The commands that take `--json`, hidden ones left out, such as `subvolume create`.
    static List<String> commands(CommandLine line) {
        if (line.getCommandSpec().usageMessage().hidden()) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        if (line.getCommandSpec().optionsMap().containsKey("--json")) {
            names.add(name(line));
        }
        line.getSubcommands().values().forEach(each -> names.addAll(commands(each)));
        return names;
    }

    /// The command in the words of a command line.
    static String command(Object... words) {
        CommandLine line = Commands.create();
        for (Object word : words) {
            CommandLine next = line.getSubcommands().get(word.toString());
            if (next == null) {
                break;
            }
            line = next;
        }
        return name(line);
    }

    private static String name(CommandLine line) {
        return line.getCommandSpec().qualifiedName(" ").replaceFirst("^cowfs ", "");
    }
}
