package cowfs.tools.manual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.command.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The script in a real bash, with a `cowfs` that knows four names. (`scripts/test-package` tries
/// the one for zsh.)
final class CompletionTest {
    private static final String NAMES =
            """
            cowfs() {
                [ "$1 $2 $3 $4" = "list --names -- disk.img" ] || return 1
                printf '%s\\n' main main@monday main@tuesday other
            }
            """;

    @TempDir private Path folder;

    @Test
    void commandsAreCompleted() throws Exception {
        assertEquals(List.of("snapshot"), completed("cowfs sna"));
        assertEquals(List.of("subvolume"), completed("cowfs sub"));
        assertEquals(List.of("create"), completed("cowfs subvolume cr"));
        assertTrue(completed("cowfs ").containsAll(List.of("mkfs", "list", "help")));
        assertEquals(List.of("snapshot"), completed("cowfs help sna"));
    }

    /// All that the help shows, and nothing that it hides.
    @Test
    void everyCommandAndOptionIsInTheScripts() {
        for (Completion.Shell shell : Completion.Shell.values()) {
            String script = Completion.script(Commands.create(), shell);
            requireAll(Commands.create(), script);
        }
    }

    private static void requireAll(CommandLine line, String script) {
        CommandSpec spec = line.getCommandSpec();
        String head = "        '" + spec.qualifiedName() + "')\n";
        assertTrue(script.contains(head), spec.qualifiedName());
        String row = script.substring(script.indexOf(head) + head.length());
        row = row.substring(0, row.indexOf(";;"));
        for (OptionSpec option : spec.options()) {
            for (String name : option.names()) {
                assertEquals(
                        !option.hidden(),
                        Pattern.compile("options='([^']* )?" + name + "[ ']").matcher(row).find(),
                        spec.qualifiedName() + " " + name);
            }
        }
        for (CommandLine each : line.getSubcommands().values()) {
            boolean shown = !each.getCommandSpec().usageMessage().hidden();
            assertEquals(
                    shown,
                    Pattern.compile("subcommands='([^']* )?" + each.getCommandName() + "[ ']")
                            .matcher(row)
                            .find(),
                    each.getCommandSpec().qualifiedName());
            if (shown) {
                requireAll(each, script);
            }
        }
    }

    @Test
    void hiddenCommandsAreNot() throws Exception {
        assertEquals(List.of(), completed("cowfs daem"));
    }

    @Test
    void optionsAreCompleted() throws Exception {
        assertEquals(List.of("--json"), completed("cowfs info --j"));
        assertEquals(List.of("--size"), completed("cowfs mkfs --si"));
    }

    @Test
    void namesOfSubvolumesAndSnapshotsAreCompleted() throws Exception {
        assertEquals(
                List.of("main", "main@monday", "main@tuesday", "other"),
                completed("cowfs du disk.img "));
        assertEquals(List.of("other"), completed("cowfs du disk.img o"));
        assertEquals(
                List.of("main", "main@monday", "main@tuesday"),
                completed("cowfs du disk.img main"));
    }

    /// Bash puts in only what stands behind the last `@`.
    @Test
    void aNameIsCompletedBehindItsAt() throws Exception {
        assertEquals(List.of("monday", "tuesday"), completed("cowfs du disk.img main@"));
        assertEquals(List.of("tuesday"), completed("cowfs du disk.img main@t"));
        assertEquals(List.of("tuesday"), completed("cowfs delete disk.img main@monday main@t"));
    }

    @Test
    void optionsInBetweenDoNotCount() throws Exception {
        assertEquals(List.of("monday"), completed("cowfs du --json disk.img main@m"));
    }

    @Test
    void onlySubvolumesAreOfferedToSnapshot() throws Exception {
        assertEquals(List.of("main"), completed("cowfs snapshot disk.img m"));
    }

    @Test
    void pathsAreLeftToTheShell() throws Exception {
        assertEquals(List.of(), completed("cowfs list di"));
        assertEquals(List.of(), completed("cowfs mount disk.img mn"));
    }

    @Test
    void aPoolThatCannotBeAskedOffersNothing() throws Exception {
        assertEquals(List.of(), completed("cowfs du no.img ma"));
    }

    private List<String> completed(String line) throws Exception {
        Path script = folder.resolve("completion.bash");
        Files.writeString(script, Completion.script(Commands.create(), Completion.Shell.BASH));
        String code =
                ". '"
                        + script
                        + "'\n"
                        + NAMES
                        + "COMP_LINE=$1 COMP_POINT=${#1}\n"
                        + "_cowfs\n"
                        + "[ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' \"${COMPREPLY[@]}\"\n";
        return run("bash", "--norc", "-c", code, "bash", line).lines().toList();
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
