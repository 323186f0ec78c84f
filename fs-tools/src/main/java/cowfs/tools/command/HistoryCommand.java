package cowfs.tools.command;

import cowfs.api.FileVersion;
import cowfs.api.OpenOptions;
import cowfs.api.Ref;
import cowfs.file.Attributes;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.DiffJson;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.DateTimeException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs history`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "history",
        description = {
            "Show every distinct version of a file over all snapshots and clones, newest first, and who"
                    + " has it.",
            "A version is known by its bytes. The file is followed under other names, and found"
                    + " under the same path where it was written anew."
        })
final class HistoryCommand extends PoolCommand {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    @Parameters(
            index = "1",
            paramLabel = "REF:/path",
            description = "The file; a snapshot of REF may be the last that has it.")
    String file;

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(FileReference.parse(file).ref());
    }

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        FileReference named = FileReference.parse(file);
        List<FileVersion> versions = session.pool().history(named.ref(), named.path());
        output.print(DiffJson.ofVersions(versions), out -> print(versions, out));
    }

    private static void print(List<FileVersion> versions, PrintWriter out) {
        Table table =
                new Table(Table.words("MODIFIED"), Table.numbers("SIZE"), Table.words("HELD BY"));
        for (FileVersion version : versions) {
            Attributes attributes = version.holders().getFirst().attributes();
            table.add(
                    time(attributes),
                    Sizes.format(attributes.sizeBytes()),
                    version.holders().stream()
                            .map(each -> each.ref() + ":" + each.path().toPrintable())
                            .collect(Collectors.joining(" ")));
        }
        table.print(out);
    }

    private static String time(Attributes attributes) {
        try {
            return TIME.format(attributes.modified().toInstant());
        } catch (DateTimeException noCalendarHasIt) {
            return attributes.modified().seconds() + "s";
        }
    }
}
