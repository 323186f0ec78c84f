package cowfs.tools.command;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

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
                throw new UnmatchedArgumentException(shown, List.of(word));
            }
            shown = next;
        }
        shown.usage(command.commandLine().getOut());
        return 0;
    }
}
