package cowfs.tools.manual;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The script that lets a shell complete command lines: commands, options, paths, and the names of
/// subvolumes and snapshots, for which it asks `cowfs list --names`.
///
/// It is a table, made of the model, in front of code that is the same for all commands and stands
/// in a resource for each shell. The table is a function that both shells understand: for the words
/// of a command it sets `subcommands`, `options`, `values` (those options that take one, each with
/// its label, as `--name=LABEL`) and `labels` (of the parameters, the last one for all that
/// follow).
public final class Completion {
    private Completion() {}

    /// Shells that there is a script for.
    public enum Shell {
        BASH,
        ZSH
    }

    /// The script for a shell.
    public static String script(CommandLine line, Shell shell) {
        String file = "completion." + shell.name().toLowerCase(Locale.ROOT);
        try (InputStream code =
                Objects.requireNonNull(Completion.class.getResourceAsStream(file), file)) {
            return new String(code.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@TABLE@\n", table(line));
        } catch (IOException e) {
            throw new IllegalStateException(file, e);
        }
    }

    private static String table(CommandLine line) {
        StringBuilder table = new StringBuilder();
        table.append("_cowfs_command() {\n    case $1 in\n");
        rows(line, table);
        table.append("        *) return 1 ;;\n    esac\n}\n");
        return table.toString();
    }

    private static void rows(CommandLine line, StringBuilder table) {
        CommandSpec spec = line.getCommandSpec();
        List<CommandLine> shown =
                line.getSubcommands().values().stream()
                        .filter(each -> !each.getCommandSpec().usageMessage().hidden())
                        .toList();
        List<String> options = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                options.addAll(Arrays.asList(option.names()));
                if (ManualPage.takesValue(option)) {
                    for (String name : option.names()) {
                        values.add(name + "=" + option.paramLabel());
                    }
                }
            }
        }
        List<String> labels =
                spec.positionalParameters().stream().map(PositionalParamSpec::paramLabel).toList();
        table.append("        ")
                .append(quote(path(spec)))
                .append(")\n            subcommands=")
                .append(quote(names(shown)))
                .append("\n            options=")
                .append(quote(String.join(" ", options)))
                .append("\n            values=")
                .append(quote(String.join(" ", values)))
                .append("\n            labels=")
                .append(quote(String.join(" ", labels)))
                .append("\n            ;;\n");
        shown.forEach(each -> rows(each, table));
    }

    private static String path(CommandSpec spec) {
        return spec.qualifiedName(" ");
    }

    private static String names(List<CommandLine> commands) {
        return commands.stream().map(CommandLine::getCommandName).collect(Collectors.joining(" "));
    }

    private static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
