package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the commands that need a mount print with `--json` is what `docs/json.md` says.
@Timeout(120)
final class JsonMountedIT {
    /// Those that {@link JsonSchemaTest} can't run.
    static final List<String> COMMANDS = List.of("iostat", "log-level", "mount", "umount");

    @RegisterExtension final MountedImages images = new MountedImages();

    private final JsonTables tables = JsonTables.read();
    private final TreeSet<String> shown = new TreeSet<>();

    @Test
    void everyCommandPrintsWhatIsWritten() throws IOException {
        Path image = images.image("image", "64M");
        Path dir = images.mountPoint("mnt");
        requireDocumented("mount", "mount", image, dir);
        Files.writeString(dir.resolve("file"), "x");
        requireDocumented("info", "info", dir);
        requireDocumented("iostat", "iostat", dir);
        requireDocumented("log-level", "log-level", dir, "debug");
        requireDocumented("umount", "umount", dir);
        images.mount(image, dir);
        requireDocumented("umount --all", "umount", "--all", image);
        shown.remove("info");
        assertEquals(new TreeSet<>(COMMANDS), shown);
    }

    private void requireDocumented(String section, Object... words) throws IOException {
        shown.add(JsonTables.command(words));
        Object[] line = new Object[words.length + 1];
        System.arraycopy(words, 0, line, 0, words.length);
        line[words.length] = "--json";
        tables.require(section, Command.run(line).succeeded().json().members());
    }
}
