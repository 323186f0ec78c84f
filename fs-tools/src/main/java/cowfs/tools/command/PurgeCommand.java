package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FilePath;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.Console;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `cowfs purge`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "purge",
        description = {
            "Remove a file, or a directory with all below, from snapshots, and give its space back.",
            "What is still in a live subvolume or in another snapshot keeps its space. Other hard links"
                    + " of a file stay. A purged snapshot can no longer be the base of an incremental send;"
                    + " 'cowfs get' shows what was purged from it."
        })
final class PurgeCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "PATH", description = "What to remove.")
    String path;

    @ArgGroup(multiplicity = "1")
    Where where;

    @Option(names = "--yes", description = "Do not ask.")
    boolean yes;

    static final class Where {
        @Option(
                names = "--from",
                arity = "1..*",
                paramLabel = "REF",
                description = "The snapshots to remove it from.")
        List<String> refs = List.of();

        @Option(
                names = "--all-snapshots",
                description = "Remove it from all snapshots of the image.")
        boolean all;
    }

    @Override
    void checkArguments() throws IOException {
        FileReference.path(path);
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        return PoolJson.refs(where.refs).stream().distinct().toList();
    }

    @Override
    void run(PoolSession session) throws IOException {
        FilePath purged = FileReference.path(path);
        List<Ref> from = existingRefs();
        if (!yes) {
            ask(purged, from);
        }
        List<Ref> done = session.pool().purge(purged, from);
        if (!session.isMounted()) {
            session.pool().awaitReclaim();
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("purged", PoolJson.names(done));
        output.print(
                json,
                out -> {
                    for (Ref ref : done) {
                        out.println("purged from " + ref);
                    }
                });
    }

    private static void ask(FilePath purged, List<Ref> from) throws RequestException {
        // null or no terminal, as the JDK is set up
        Console console = lookupConsole();
        if (console == null || !console.isTerminal()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "nothing was purged: this can't be undone, so it has to be confirmed with --yes");
        }
        String where = from.isEmpty() ? "all snapshots" : String.join(", ", PoolJson.names(from));
        String answer =
                console.readLine(
                        "Remove %s from %s? This can't be undone. [y/N] ",
                        purged.toPrintable(), where);
        if (answer == null || !answer.strip().equalsIgnoreCase("y")) {
            throw new RequestException(ErrorKind.INVALID, "nothing was purged");
        }
    }

    @SuppressWarnings("SystemConsoleNull") // asked for isTerminal as well
    private static @Nullable Console lookupConsole() {
        return System.console();
    }
}
