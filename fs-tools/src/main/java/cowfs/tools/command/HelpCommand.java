package cowfs.tools.command;

import cowfs.tools.text.NearNames;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `cowfs help`: also of the commands in a group, which picocli's own does not show.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "help", description = "Show what a command does and takes.")
final class HelpCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "Such as 'mount' or 'subvolume create'. Default: all commands.")
    List<String> words = List.of();

    @Spec CommandSpec command;

    @Override
    public Integer call() {
        CommandLine shown = command.parent().commandLine();
        for (String word : words) {
            CommandLine next = shown.getSubcommands().get(word);
            if (next == null) {
                List<String> near =
                        NearNames.near(
                                word,
                                shown.getSubcommands().values().stream()
                                        .filter(
                                                each ->
                                                        !each.getCommandSpec()
                                                                .usageMessage()
                                                                .hidden())
                                        .map(CommandLine::getCommandName)
                                        .toList());
                throw new ParameterException(
                        shown,
                        "there is no command '"
                                + String.join(" ", words)
                                + "'"
                                + (near.isEmpty()
                                        ? ""
                                        : "; did you mean " + String.join(" or ", near) + "?"),
                        null,
                        word);
            }
            shown = next;
        }
        shown.usage(command.commandLine().getOut());
        return 0;
    }
}
