package cowfs.tools.manual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.tools.command.Commands;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

final class ManualPageTest {
    private static final CommandLine LINE = Commands.create();
    private static final Map<String, ManualPage> PAGES =
            ManualPage.of(LINE, "1.2").stream()
                    .collect(Collectors.toMap(ManualPage::fileName, Function.identity()));

    @Test
    void everyCommandHasAPageWithAllItsOptionsAndAnExample() {
        for (CommandSpec spec : commands(LINE)) {
            ManualPage page = PAGES.get(spec.qualifiedName("-") + ".1");
            assertNotNull(page, spec.qualifiedName());
            String text = page.text();
            assertTrue(text.startsWith(".TH \""), text);
            assertTrue(text.contains(".SH \"NAME\"\n"), text);
            assertTrue(
                    text.contains(".SH \"EXAMPLES\"\n"),
                    () -> spec.qualifiedName() + " needs a line in cowfs.tools.command.Examples");
            for (OptionSpec option : spec.options()) {
                for (String name : option.names()) {
                    assertEquals(
                            !option.hidden(),
                            text.contains("\\fB" + name.replace("-", "\\-") + "\\fR"),
                            spec.qualifiedName() + " " + name);
                }
            }
        }
    }

    @Test
    void helpHasTheExampleToo() {
        for (CommandSpec spec : commands(LINE)) {
            assertTrue(
                    Arrays.stream(spec.usageMessage().footer())
                            .anyMatch(line -> line.startsWith("Example")),
                    spec.qualifiedName());
        }
    }

    @Test
    void hiddenCommandsHaveNone() {
        assertFalse(PAGES.containsKey("cowfs-daemon.1"));
        assertFalse(PAGES.get("cowfs.1").text().contains("fBdaemon"));
    }

    /// Only what the writer means as a request begins with a point.
    @Test
    void textIsNeverTakenForARequest() {
        List<String> known = List.of(".TH", ".SH", ".B", ".PP", ".TP", ".RS", ".RE", ".nf", ".fi");
        for (ManualPage page : PAGES.values()) {
            for (String line : page.text().split("\n", -1)) {
                if (line.startsWith(".") || line.startsWith("'")) {
                    assertTrue(known.contains(line.split(" ", 2)[0]), page.name() + ": " + line);
                }
            }
        }
    }

    @Test
    void hyphensAndBackslashesAreThoseOfACommandLine() {
        CommandSpec spec = CommandSpec.create().name("x-y");
        spec.usageMessage().description(".dots first, and a back\\slash. More.");
        String text = ManualPage.of(new CommandLine(spec), "1").getFirst().text();
        assertTrue(text.contains("x\\-y \\- .dots first, and a back\\eslash\n"), text);
        assertTrue(text.contains("\n\\&.dots first"), text);
    }

    private static List<CommandSpec> commands(CommandLine line) {
        List<CommandSpec> all = new ArrayList<>(List.of(line.getCommandSpec()));
        line.getSubcommands().values().stream()
                .filter(each -> !each.getCommandSpec().usageMessage().hidden())
                .forEach(each -> all.addAll(commands(each)));
        return all;
    }
}
