package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the commands print with `--json` is what `docs/json.md` says.
final class JsonSchemaTest {
    private static final Pattern HEADING = Pattern.compile("#+ `([a-z -]+)`.*");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([a-z ]+) \\|(.*)\\|");

    @TempDir private Path folder;
    private Path image;

    @BeforeEach
    void makeImage() {
        image = folder.resolve("disk.img");
        Run.inProcess("mkfs", "--size", "64M", image).succeeded();
    }

    @Test
    void everyCommandPrintsWhatIsWritten() throws IOException {
        Path other = folder.resolve("other.img");
        requireDocumented("mkfs", "mkfs", "--size", "64M", "--label", "x", other);
        requireDocumented("snapshot", "snapshot", image, "main@monday");
        requireDocumented("snapshot", "clone", image, "main@monday", "copy");
        requireDocumented("snapshot", "subvolume", "create", image, "empty");
        requireDocumented("snapshot", "subvolume", "rename", image, "empty", "void");
        requireDocumented("delete", "subvolume", "delete", image, "void");
        requireDocumented("list", "list", image);
        requireDocumented("info", "info", image);
        requireDocumented("du", "du", image);
        requireDocumented("delete", "delete", image, "main@monday");
        requireDocumented("check", "check", image);
        requireDocumented("scrub", "scrub", image);
        requireDocumented("scrub", "scrub", "--status", image);
        requireDocumented("sync", "sync", image);
        requireDocumented("version", "version");
        requireDocumented("completion", "completion", "bash");
    }

    private static void requireDocumented(String section, Object... words) throws IOException {
        Object[] line = new Object[words.length + 1];
        System.arraycopy(words, 0, line, 0, words.length);
        line[words.length] = "--json";
        Run run = Run.inProcess(line);
        assertEquals(0, run.exitCode(), () -> List.of(words) + ": " + run.err());
        Map<String, Row> documented = tables().get(section);
        assertNotNull(documented, "docs/json.md has no section " + section);
        Map<String, TreeSet<String>> found = new TreeMap<>();
        flatten("", run.json().members(), found);
        found.forEach(
                (key, types) -> {
                    Row row = documented.get(key);
                    assertNotNull(row, section + " prints '" + key + "', which is not documented");
                    for (String type : types) {
                        assertTrue(
                                List.of(row.type().split(" or ", -1)).contains(type),
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
            String key, @Nullable Object value, Map<String, TreeSet<String>> to) {
        switch (value) {
            case Map<?, ?> map when !key.endsWith(".requests") -> {
                String prefix = key.isEmpty() ? "" : key + ".";
                map.forEach((name, member) -> flatten(prefix + name, member, to));
            }
            case List<?> list when list.stream().anyMatch(Map.class::isInstance) ->
                    list.forEach(element -> flatten(key + "[]", element, to));
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

    private static Map<String, Map<String, Row>> tables() throws IOException {
        Map<String, Map<String, Row>> tables = new LinkedHashMap<>();
        Map<String, Row> table = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of("..", "docs", "json.md"))) {
            Matcher heading = HEADING.matcher(line);
            Matcher row = ROW.matcher(line);
            if (heading.matches()) {
                table = new LinkedHashMap<>();
                tables.put(heading.group(1), table);
            } else if (row.matches()) {
                table.put(row.group(1), new Row(row.group(2), row.group(3).contains("optional")));
            }
        }
        return tables;
    }

    private record Row(String type, boolean optional) {}
}
