package cowfs.tools;

import cowfs.tools.text.ErrorText;
import cowfs.tools.text.NearNames;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// What is said of a command line that is wrong: one line that names the word, what may have been
/// meant, and where the help is.
final class WrongUsage {
    /// What picocli says where there is nothing but the name of a group of commands.
    private static final String NO_COMMAND = "Missing required subcommand";

    /// What picocli puts in front of what a converter said.
    private static final Pattern INVALID_VALUE = Pattern.compile("Invalid value for [^:]+: (.*)");

    private WrongUsage() {}

    /// The line for a command line that was not understood.
    static String line(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        List<String> near = List.of();
        String message;
        if (wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().getFirst();
            near = near(command, word);
            message = unmatched(command, unmatched.getUnmatched());
        } else if (wrong instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()) {
            message = missing(missing);
        } else if (String.valueOf(wrong.getMessage()).equals(NO_COMMAND)) {
            message = "a command is missing";
        } else {
            message = value(wrong);
        }
        return ErrorText.oneLine(message)
                + (near.isEmpty() ? "; " : ", did you mean " + String.join(" or ", near) + "? ")
                + "see '"
                + help(command)
                + "'";
    }

    private static String help(CommandLine command) {
        String name = command.getCommandSpec().qualifiedName();
        return command.getParent() == null ? name + " help" : name + " --help";
    }

    private static String unmatched(CommandLine command, List<String> words) {
        String first = words.getFirst();
        if (isOption(first)) {
            return "unknown option '" + first + "'";
        }
        if (!command.getSubcommands().isEmpty()) {
            String group = command.getParent() == null ? "" : command.getCommandName() + " ";
            return "unknown command '" + group + first + "'";
        }
        return (words.size() == 1 ? "unexpected argument " : "unexpected arguments ")
                + words.stream().map(each -> "'" + each + "'").collect(Collectors.joining(", "));
    }

    private static String missing(MissingParameterException missing) {
        if (missing.getMissing().getFirst() instanceof OptionSpec option) {
            if (option.group() != null) {
                return option.group().args().stream()
                                .map(WrongUsage::name)
                                .collect(Collectors.joining(" or "))
                        + " is missing";
            }
            return option.required()
                    ? name(option) + " is missing"
                    : "option '" + option.longestName() + "' needs a value, " + option.paramLabel();
        }
        // of several only the message tells
        List<String> labels =
                Pattern.compile("'([^']*)'")
                        .matcher(missing.getMessage())
                        .results()
                        .map(each -> each.group(1))
                        .toList();
        return String.join(" and ", labels) + (labels.size() == 1 ? " is" : " are") + " missing";
    }

    private static String name(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) {
            return argument.paramLabel();
        }
        return option.longestName() + (option.arity().max() > 0 ? "=" + option.paramLabel() : "");
    }

    /// What is wrong with a value, by the name that the help has for it.
    private static String value(ParameterException wrong) {
        String message = String.valueOf(wrong.getMessage());
        Matcher invalid = INVALID_VALUE.matcher(message);
        ArgSpec argument = wrong.getArgSpec();
        if (argument == null || !invalid.matches()) {
            return message;
        }
        String name =
                argument instanceof PositionalParamSpec
                        ? argument.paramLabel()
                        : "option '" + ((OptionSpec) argument).longestName() + "'";
        return name + ": " + reason(argument.type(), wrong.getValue(), invalid.group(1));
    }

    private static String reason(Class<?> type, @Nullable String value, String reason) {
        if (value == null) {
            return reason;
        }
        if (type.isEnum()) {
            return "'"
                    + value
                    + "' is none of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(each -> each.toString().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "));
        }
        return type == int.class || type == long.class ? "'" + value + "' is no number" : reason;
    }

    /// The options, or the commands, that a wrong word may have meant.
    private static List<String> near(CommandLine command, String wrong) {
        List<String> known =
                isOption(wrong)
                        ? command.getCommandSpec().options().stream()
                                .filter(each -> !each.hidden())
                                .flatMap(each -> Arrays.stream(each.names()))
                                .toList()
                        : command.getSubcommands().values().stream()
                                .filter(each -> !each.getCommandSpec().usageMessage().hidden())
                                .map(CommandLine::getCommandName)
                                .toList();
        return NearNames.near(isOption(wrong) ? wrong.split("=", 2)[0] : wrong, known);
    }

    private static boolean isOption(String word) {
        return word.startsWith("-");
    }
}
