package cowfs.tools.command;

import cowfs.api.BookmarkInfo;
import cowfs.api.OpenOptions;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Table;
import cowfs.tools.text.Times;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;

/// `cowfs bookmark list`.
@Command(name = "list", description = "List the bookmarks, with when their snapshots were taken.")
final class BookmarkListCommand extends PoolCommand {
    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void run(PoolSession session) throws IOException {
        List<BookmarkInfo> bookmarks = session.pool().bookmarks();
        Table table =
                new Table(Table.words("NAME"), Table.words("CREATED"), Table.words("SNAPSHOT"));
        for (BookmarkInfo each : bookmarks) {
            table.add(
                    each.ref().toString(), Times.local(each.created()), each.snapshot().toString());
        }
        output.print(PoolJson.items(bookmarks.stream().map(PoolJson::of).toList()), table::print);
    }
}
