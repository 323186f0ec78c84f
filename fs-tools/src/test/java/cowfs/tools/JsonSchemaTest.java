package cowfs.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.tools.command.Commands;
import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the commands print with `--json` is what `docs/json.md` says.
final class JsonSchemaTest {
    private static final int CHARACTER_DEVICE = 0020000;

    private final JsonTables tables = JsonTables.read();
    private final TreeSet<String> shown = new TreeSet<>();

    @TempDir private Path folder;
    private Path image;

    @BeforeEach
    void makeImage() throws IOException {
        image = folder.resolve("disk.img");
        Run.inProcess("mkfs", "--size", "64M", image).succeeded();
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            main.create(1, bytes("notes"), NewInode.regular(0644, 0, 0));
            long folder = main.create(1, bytes("folder"), NewInode.directory(0755, 0, 0)).inode();
            long big = main.create(folder, bytes("big"), NewInode.regular(0644, 0, 0)).inode();
            main.write(big, 0, ByteBuffer.wrap(new byte[100_000]));
            main.setXattr(big, bytes("user.a"), bytes("b"), Volume.XattrMode.CREATE);
            main.symlink(folder, bytes("link"), bytes("big"), NewInode.regular(0777, 0, 0));
            byte[] noText = {'n', (byte) 0xff};
            main.create(folder, noText, new NewInode(CHARACTER_DEVICE | 0644, 0, 0, 0x103));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
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
        requireDocumented("du PATH", "du", image, "main:/");
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
        requireDocumented("trim", "trim", image);
        requireDocumented("resize", "resize", image, "+16M");
        requireDocumented("reclaim", "reclaim", image, "--free", "1");
        requireDocumented("delete", "delete", image, "main@monday");
        requireDocumented("check", "check", image);
        requireDocumented("scrub", "scrub", image);
        requireDocumented("scrub", "scrub", "--status", image);
        requireDocumented("sync", "sync", image);
        requireDocumented("version", "version");
        requireDocumented("completion", "completion", "bash");
        reading();
        inspecting();
        TreeSet<String> rest = new TreeSet<>(JsonTables.commands(Commands.create()));
        rest.removeAll(shown);
        assertEquals(
                new TreeSet<>(JsonMountedIT.COMMANDS),
                rest,
                "commands with --json that are not shown here");
    }

    private void reading() throws IOException {
        Run.inProcess("snapshot", image, "main@first").succeeded();
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            long folder = main.lookup(1, bytes("folder")).inode();
            main.write(
                    main.lookup(folder, bytes("big")).inode(), 8192, ByteBuffer.wrap(bytes("x")));
            main.rename(folder, bytes("link"), 1, bytes("moved"), Volume.RenameMode.REPLACE);
            main.create(1, bytes("new"), NewInode.regular(0600, 0, 0));
        }
        requireLines("diff", "diff", image, "main@first", "main");
        requireDocumented("ls", "ls", image, "main@first:/folder");
        requireDocumented("stat", "stat", image, "main:/folder/big");
        requireDocumented("tree", "tree", image, "main:/");
        requireDocumented("extract", "extract", image, "main:/folder", folder.resolve("out"));
        requireDocumented("report", "report", image, "-o", folder.resolve("page.html"));
        Path stream = folder.resolve("first.stream");
        assertEquals("", printed("send", image, "main@first", "-o", stream).out());
        requireLines("stream dump", "stream", "dump", stream);
        shown.add("cat");
        Run.inProcess("cat", image, "main:/folder/big", "--json").failed(2, "cowfs stat --json");
    }

    private void inspecting() throws IOException {
        requireDocumented("inspect super", "inspect", "super", image);
        requireDocumented("inspect tree", "inspect", "tree", image);
        requireDocumented("inspect tree TREE", "inspect", "tree", image, "main");
        requireDocumented(
                "inspect tree --key", "inspect", "tree", "--key=1/inode/0", image, "main");
        requireDocumented("inspect space", "inspect", "space", image);
        requireDocumented("inspect space", "inspect", "space", "--group=0", image);
        requireDocumented("inspect stats", "inspect", "stats", image);
        Object[] file = {"inspect", "file", image, "main:/folder/big"};
        requireDocumented("inspect file", file);
        JsonObject extents = printed(file).json();
        long block = extents.objects("extents").getFirst().number("block");
        requireDocumented("inspect refs", "inspect", "refs", image, block);
        JsonObject tree = printed("inspect", "tree", image, "main").json();
        JsonObject root = tree.objects("nodes").getFirst();
        requireDocumented("inspect refs", "inspect", "refs", image, root.number("block"));
        requireDocumented("inspect node", "inspect", "node", image, root.number("block"));
        requireDocumented("inspect node", "inspect", "node", image, block);
        long written = extents.objects("extents").getFirst().number("birth_txg");
        requireDocumented("inspect txg", "inspect", "txg", image, written);
    }

    @Test
    void everyCommandWithJsonStandsInTheDocument() throws IOException {
        String document = Files.readString(Path.of("..", "docs", "json.md"));
        for (String command : JsonTables.commands(Commands.create())) {
            assertTrue(
                    Pattern.compile("`" + command + "( --[a-z]+)*`").matcher(document).find(),
                    "docs/json.md does not tell of " + command);
        }
    }

    private void requireDocumented(String section, Object... words) throws IOException {
        tables.require(section, printed(words).json().members());
    }

    /// The same for a command that prints an object a line.
    private void requireLines(String section, Object... words) throws IOException {
        List<String> lines = printed(words).out().lines().toList();
        assertFalse(lines.isEmpty(), section);
        for (String line : lines) {
            tables.require(section, JsonObject.parse(line).members());
        }
    }

    private Run printed(Object... words) {
        shown.add(JsonTables.command(words));
        Object[] line = new Object[words.length + 1];
        System.arraycopy(words, 0, line, 0, words.length);
        line[words.length] = "--json";
        Run run = Run.inProcess(line);
        assertEquals(0, run.exitCode(), () -> List.of(words) + ": " + run.err());
        return run;
    }
}
