package cowfs.tools.command;

import cowfs.tools.text.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What every subcommand prints its result with: JSON when asked for, words or a table for people
/// otherwise.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class Output {
    private static final String JSON = "--json";
    private static final String JSON_TEXT = "Print the result as JSON; sizes are in bytes.";

    @Option(names = JSON, description = JSON_TEXT)
    boolean json;

    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    /// The same for a command that is declared in code.
    static Output declareIn(CommandSpec spec) {
        Output output = new Output();
        output.command = spec;
        spec.addOption(
                OptionSpec.builder(JSON)
                        .type(boolean.class)
                        .initialValue(false)
                        .description(JSON_TEXT)
                        .setter(
                                new ISetter() {
                                    @Override
                                    public <T> T set(T value) {
                                        output.json = (Boolean) value;
                                        return value;
                                    }
                                })
                        .build());
        return output;
    }

    /// Prints a result.
    ///
    /// @param people prints it when no JSON is wanted
    void print(Map<String, @Nullable Object> members, Consumer<PrintWriter> people)
            throws IOException {
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            out.println(JsonObject.pretty(members));
        } else {
            people.accept(out);
        }
        out.flush();
    }

    /// Where results go, for one that is too long to be kept until its end.
    PrintWriter writer() {
        return command.commandLine().getOut();
    }

    /// Prints a result that people know when the command returns without complaint.
    void printQuietly(Map<String, @Nullable Object> members) throws IOException {
        print(members, out -> {});
    }

    /// Where a result goes that comes line by line.
    PrintWriter lines() {
        return command.commandLine().getOut();
    }

    /// Tells something beside the result.
    void note(String line) {
        PrintWriter err = command.commandLine().getErr();
        err.println("cowfs: " + line);
        err.flush();
    }
}
