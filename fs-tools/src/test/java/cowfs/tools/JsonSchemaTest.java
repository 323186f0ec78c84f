package cowfs.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.NewInode;
import cowfs.tools.command.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import picocli.CommandLine;

/// What the commands print with `--json` is what `docs/json.md` says.
final class JsonSchemaTest {
    private static final Pattern HEADING = Pattern.compile("#+ `([a-z -]+)`.*");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([a-z ]+) \\|(.*)\\|");

    /// Those that need files or a mount, with or without words for `--json`: the tests of reading,
    /// of inspect, of reports and of mounted pools read what they print.
    private static final List<String> ELSEWHERE =
            List.of(
                    "ls",
                    "cat",
                    "stat",
                    "tree",
                    "extract",
                    "diff",
                    "report",
                    "send",
                    "stream dump",
                    "inspect file",
                    "inspect node",
                    "inspect refs",
                    "inspect space",
                    "inspect stats",
                    "inspect super",
                    "inspect tree",
                    "inspect txg",
                    "iostat",
                    "log-level",
                    "mount",
                    "umount");

    private final TreeSet<String> shown = new TreeSet<>();

    @TempDir private Path folder;
    private Path image;

    @BeforeEach
    void makeImage() throws IOException {
        image = folder.resolve("disk.img");
        Run.inProcess("mkfs", "--size", "64M", image).succeeded();
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            byte[] name = "notes".getBytes(UTF_8);
            pool.volume(Ref.MAIN).create(1, name, NewInode.regular(0644, 0, 0));
        }
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
        requireDocumented("set", "set", image, "main", "comment=x");
        requireDocumented("get", "get", image, "main");
        requireDocumented("hold", "hold", image, "offsite", "main@monday");
        requireDocumented("bookmark create", "bookmark", "create", image, "main@monday");
        requireDocumented("bookmark list", "bookmark", "list", image);
        requireDocumented("bookmark delete", "bookmark", "delete", image, "main#monday");
        requireDocumented("release", "release", image, "offsite", "main@monday");
        requireDocumented("policy set", "policy", "set", image, "main", "1h:24");
        requireDocumented("policy show", "policy", "show", image);
        requireDocumented("policy run", "policy", "run", image);
        requireDocumented("policy remove", "policy", "remove", image, "main");
        requireDocumented("cp", "cp", image, "main@monday:/notes", "main:/copy");
        requireDocumented("dedup", "dedup", image, "main:/copy");
        requireDocumented("snapshot", "snapshot", image, "main@tuesday");
        requireDocumented("history", "history", image, "main:/copy");
        requireDocumented("rollback", "rollback", image, "main@monday");
        requireDocumented("undelete", "undelete", image, "main:/copy");
        Path stream = folder.resolve("monday.stream");
        Run.inProcess("send", image, "main@monday", "-o", stream).succeeded();
        requireDocumented("stream verify", "stream", "verify", stream);
        requireDocumented("receive", "receive", other, "copy", "-i", stream);
        requireDocumented("receive --snapshots", "receive", "--snapshots", other, "copy");
        requireDocumented("replicate", "replicate", image, "main", other, "--as", "replica");
        requireDocumented("purge", "purge", image, "/copy", "--from", "main@tuesday", "--yes");
        requireDocumented("reclaim", "reclaim", image, "--free", "1");
        requireDocumented("delete", "delete", image, "main@monday");
        requireDocumented("check", "check", image);
        requireDocumented("scrub", "scrub", image);
        requireDocumented("scrub", "scrub", "--status", image);
        requireDocumented("sync", "sync", image);
        requireDocumented("version", "version");
        requireDocumented("completion", "completion", "bash");
        TreeSet<String> rest = new TreeSet<>(commandsWithJson(Commands.create()));
        rest.removeAll(shown);
        assertEquals(
                new TreeSet<>(ELSEWHERE), rest, "commands with --json that are not shown here");
    }

    @Test
    void everyCommandWithJsonStandsInTheDocument() throws IOException {
        String document = Files.readString(Path.of("..", "docs", "json.md"));
        for (String command : commandsWithJson(Commands.create())) {
            assertTrue(
                    Pattern.compile("`" + command + "( --[a-z]+)*`").matcher(document).find(),
                    "docs/json.md does not tell of " + command);
        }
    }

    private static List<String> commandsWithJson(CommandLine line) {
        if (line.getCommandSpec().usageMessage().hidden()) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        if (line.getCommandSpec().optionsMap().containsKey("--json")) {
            names.add(line.getCommandSpec().qualifiedName(" ").replaceFirst("^cowfs ", ""));
        }
        line.getSubcommands().values().forEach(each -> names.addAll(commandsWithJson(each)));
        return names;
    }

    private static String commandIn(Object... words) {
        CommandLine line = Commands.create();
        for (Object word : words) {
            CommandLine next = line.getSubcommands().get(word.toString());
            if (next == null) {
                break;
            }
            line = next;
        }
        return line.getCommandSpec().qualifiedName(" ").replaceFirst("^cowfs ", "");
    }

    private void requireDocumented(String section, Object... words) throws IOException {
        shown.add(commandIn(words));
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
            case Map<?, ?> map when !key.endsWith("requests") && !key.endsWith("properties") -> {
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
