package cowfs.tools.command;

import cowfs.tools.manual.Completion;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `cowfs completion`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "completion",
        description = {
            "Print the script that lets a shell complete command lines, names of snapshots included.",
            "The Debian package installs it for both shells."
        })
final class CompletionCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    Completion.Shell shell;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        String script = Completion.script(Commands.create(), shell);
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("shell", shell.name().toLowerCase(Locale.ROOT));
        json.put("script", script);
        output.print(json, out -> out.print(script));
        return 0;
    }
}
