package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.SubvolumeInfo;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/// `cowfs list`.
@Command(
        name = "list",
        description = "List subvolumes, each followed by its snapshots, oldest first.")
final class ListCommand extends PoolCommand {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        List<SubvolumeInfo> list = session.pool().list();
        output.print(
                PoolJson.items(list.stream().map(PoolJson::of).toList()), out -> print(list, out));
    }

    private static void print(List<SubvolumeInfo> list, PrintWriter out) {
        Table table =
                new Table(
                        Table.words("NAME"),
                        Table.words("CREATED"),
                        Table.numbers("REFERENCED"),
                        Table.words("ORIGIN"));
        for (SubvolumeInfo info : list) {
            table.add(
                    info.ref().toString(),
                    TIME.format(info.created().toInstant().atZone(ZoneId.systemDefault())),
                    Sizes.format(info.referencedBytes()),
                    info.origin() == null ? "-" : info.origin().toString());
        }
        table.print(out);
    }
}
