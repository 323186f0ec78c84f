package cowfs.tools.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

final class CommandsTest {
    @Test
    void onlyTheSubcommandThatIsAskedForIsBuilt() {
        for (String name : Commands.create().getSubcommands().keySet()) {
            if (!name.equals("help")) {
                assertEquals(
                        Set.of(name), Commands.create(name, "x").getSubcommands().keySet(), name);
            }
        }
    }

    @Test
    void allAreBuiltForHelpForNoCommandAndForAWrongOne() {
        int all = Commands.create().getSubcommands().size();
        assertTrue(all > 10, () -> all + " commands");
        assertEquals(all, Commands.create("help", "list").getSubcommands().size());
        assertEquals(all, Commands.create("lits").getSubcommands().size());
        assertEquals(all, Commands.create("--help").getSubcommands().size());
    }

    @Test
    void aCommandIsTheSameAloneAndAmongAll() {
        for (CommandLine among : Commands.create().getSubcommands().values()) {
            CommandLine alone =
                    Commands.create(among.getCommandName())
                            .getSubcommands()
                            .get(among.getCommandName());
            assertEquals(among.getUsageMessage(), alone.getUsageMessage());
        }
    }

    /// `list` says in code what other commands say in annotations.
    @Test
    void whatIsDeclaredInCodeIsWhatAnnotationsSay() {
        CommandSpec list = spec("list");
        CommandSpec info = spec("info");
        for (OptionSpec option : info.options()) {
            OptionSpec same = list.findOption(option.longestName());
            assertArrayEquals(option.names(), same.names());
            assertArrayEquals(option.description(), same.description());
            assertEquals(option.type(), same.type());
            assertEquals(option.usageHelp(), same.usageHelp());
            assertEquals(option.versionHelp(), same.versionHelp());
        }
        assertEquals(info.options().size() + 1, list.options().size(), "and --names");
        ArgSpec pool = info.positionalParameters().getFirst();
        ArgSpec same = list.positionalParameters().getFirst();
        assertEquals(pool.paramLabel(), same.paramLabel());
        assertEquals(pool.arity(), same.arity());
        assertEquals(pool.required(), same.required());
        assertEquals(pool.type(), same.type());
        assertArrayEquals(pool.description(), same.description());
    }

    /// An example stands in the footer, and there only.
    @Test
    void everyCommandOptionAndParameterIsDescribedAndHasAnExample() {
        for (CommandSpec spec : shown(Commands.create())) {
            String name = spec.qualifiedName();
            String[] description = spec.usageMessage().description();
            assertFalse(String.join("", description).isBlank(), name);
            assertFalse(String.join("", description).contains("Example"), name);
            assertTrue(
                    List.of(spec.usageMessage().footer()).stream()
                            .anyMatch(
                                    line ->
                                            line.startsWith("  cowfs ")
                                                    || line.contains("<(cowfs")),
                    name);
            for (ArgSpec argument : spec.args()) {
                assertFalse(
                        String.join("", argument.description()).isBlank(),
                        () -> name + " " + argument);
            }
        }
    }

    private static List<CommandSpec> shown(CommandLine line) {
        List<CommandSpec> all = new ArrayList<>(List.of(line.getCommandSpec()));
        line.getSubcommands().values().stream()
                .filter(each -> !each.getCommandSpec().usageMessage().hidden())
                .forEach(each -> all.addAll(shown(each)));
        return all;
    }

    @Test
    void jsonIsOffUnlessAskedFor() {
        for (List<String> words : List.of(List.of("list", "x"), List.of("info", "x"))) {
            CommandLine.ParseResult parsed =
                    Commands.create(words.toArray(String[]::new))
                            .parseArgs(words.toArray(String[]::new));
            PoolCommand command = (PoolCommand) parsed.subcommand().commandSpec().userObject();
            assertFalse(command.output.json);
            assertEquals("x", command.pool.toString());
        }
    }

    private static CommandSpec spec(String name) {
        return Commands.create(name).getSubcommands().get(name).getCommandSpec();
    }
}
