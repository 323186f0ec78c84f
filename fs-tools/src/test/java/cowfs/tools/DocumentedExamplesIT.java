package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands in the README and the manual do what they say, one after the other, on real mounts.
///
/// A command is a line of an indented block; what stands between fences, {@link
/// DocumentedSessionsIT} runs. `/mnt` and `~` are directories of the test. Blocks that begin with
/// `scripts/` are left to themselves.
final class DocumentedExamplesIT {
    private static final String IMAGE = "cowfs mkfs --size 256M disk.img >/dev/null\n";
    private static final String MOUNT = IMAGE + "cowfs mount disk.img $W/mnt\n";
    private static final String FILES =
            MOUNT + "echo old >$W/mnt/notes.txt\ncp -a $HOME/project $W/mnt\n";
    private static final String SNAPSHOT = FILES + "cowfs snapshot $W/mnt main@monday\n";

    @RegisterExtension private final MountedImages images = new MountedImages();

    @ParameterizedTest
    @CsvSource({
        "README.md, NOTHING",
        "docs/manual.md, SNAPSHOT",
        "docs/snapshots.md, FILES",
        "docs/space.md, SNAPSHOT",
        "docs/backup.md, FILES",
        "docs/recovery.md, IMAGE"
    })
    void theExamplesOf(String page, String before) throws IOException {
        List<String> commands = commands(Files.readAllLines(Path.of("..", page)));
        assertTrue(!commands.isEmpty(), "no examples were found in " + page);
        for (String directory : List.of("mnt", "mnt2", "home")) {
            Files.createDirectory(images.path(directory));
        }
        Path project = Files.createDirectory(images.path("home").resolve("project"));
        Files.writeString(project.resolve("plan.txt"), "a plan\n");
        Path script = images.path("examples.sh");
        Files.writeString(script, script(commands, before));
        Run run = Command.run(List.of("bash", script.toString()));
        assertEquals(0, run.exitCode(), () -> run.out() + run.err());
    }

    private String script(List<String> commands, String before) {
        Path work = images.path("mnt").getParent();
        StringBuilder script = new StringBuilder();
        script.append("set -euo pipefail\nW=").append(work).append('\n');
        script.append("export HOME=$W/home\ncd $W\n");
        script.append("cowfs() { ").append(Command.shell()).append(" \"$@\"; }\n");
        script.append("finish() { for m in $W/mnt $W/mnt2; do ")
                .append("! mountpoint -q $m || cowfs umount $m; done; }\n");
        script.append("trap finish EXIT\n");
        script.append(setUp(before));
        for (String line : commands) {
            script.append("echo '$ ").append(line.replace("'", "'\\''")).append("'\n");
            script.append(line.replaceAll("/mnt(2?)\\b", "\\$W/mnt$1")).append('\n');
        }
        return script.toString();
    }

    private static String setUp(String name) {
        return switch (name) {
            case "NOTHING" -> "";
            case "IMAGE" -> IMAGE;
            case "FILES" -> FILES;
            case "SNAPSHOT" -> SNAPSHOT;
            default -> throw new IllegalArgumentException(name);
        };
    }

    /// The lines of indented blocks, which stand behind an empty line and outside of lists.
    private static List<String> commands(List<String> lines) {
        List<String> commands = new ArrayList<>();
        boolean inBlock = false;
        boolean isRun = false;
        boolean fenced = false;
        String before = "";
        for (String line : lines) {
            fenced ^= line.startsWith("```");
            boolean indented = !fenced && line.startsWith("    ");
            if (indented && !inBlock && before.isEmpty()) {
                inBlock = true;
                isRun = !line.strip().startsWith("scripts/");
            }
            inBlock &= indented;
            if (inBlock && isRun) {
                commands.add(line.strip());
            }
            before = line;
        }
        return commands;
    }
}
