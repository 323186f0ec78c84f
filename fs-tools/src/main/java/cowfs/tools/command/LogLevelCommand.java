package cowfs.tools.command;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.control.LogLevel;
import cowfs.tools.control.MountService;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs log-level`.
@Command(
        name = "log-level",
        description = {
            "Show how much the log of a mounted image tells, or change it while it is mounted.",
            "'cowfs info' names the log."
        })
final class LogLevelCommand extends PoolCommand {
    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "LEVEL",
            description = "debug, info, warning or error; a new daemon begins with info.")
    @Nullable String level;

    @Override
    void run(PoolSession session) throws IOException {
        LogLevel wanted = level == null ? null : LogLevel.parse(level);
        MountService daemon =
                session.mounts()
                        .orElseThrow(
                                () ->
                                        new RequestException(
                                                ErrorKind.INVALID,
                                                session.image()
                                                        + " is not mounted; only a daemon keeps a log"));
        if (wanted != null) {
            daemon.setLogLevel(wanted);
        }
        LogLevel now = daemon.logLevel();
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("level", now.word());
        output.print(
                json,
                out -> {
                    if (wanted == null) {
                        out.println(now.word());
                    }
                });
    }
}
