package cowfs.tools.command;

import cowfs.api.FileChanges;
import cowfs.api.OpenOptions;
import cowfs.api.Ref;
import cowfs.file.FileChange;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.ChangeText;
import cowfs.tools.text.DiffJson;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs diff`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "diff",
        description = {
            "Show what has happened to the files between two states.",
            "+ and - are names that came and went, R is a rename, M a file whose bytes differ, with"
                    + " the ranges as OFFSET+LENGTH, and m one of which only attributes do. A renamed"
                    + " directory is one line. The time it takes follows the differences and not the"
                    + " number of files.",
            "With --json each difference is an object on a line of its own."
        })
final class DiffCommand extends PoolCommand {
    private static final int LINES_TO_FLUSH = 256;

    @Parameters(index = "1", paramLabel = "REF", description = "The earlier state.")
    String before;

    @Parameters(index = "2", paramLabel = "REF", description = "The later state.")
    String after;

    @Parameters(
            index = "3",
            arity = "0..1",
            paramLabel = "PATH",
            description = "Only what is at or below this path, before or after.")
    String path = "/";

    @Override
    void checkArguments() throws IOException {
        FileReference.path(path);
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        return PoolJson.refs(List.of(before, after));
    }

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        PrintWriter out = output.lines();
        ChangeText text = new ChangeText();
        try (FileChanges changes =
                session.pool()
                        .diff(Ref.parse(before), Ref.parse(after), FileReference.path(path))) {
            int count = 0;
            for (FileChange each = changes.next(); each != null; each = changes.next()) {
                String line = output.json ? JsonObject.line(DiffJson.of(each)) : text.line(each);
                if (line != null) {
                    out.println(line);
                }
                // also flushes: whoever waits for a line waits for no more than these
                if (++count % LINES_TO_FLUSH == 0 && out.checkError()) {
                    break; // nobody reads them any more
                }
            }
        }
        out.flush();
    }
}
