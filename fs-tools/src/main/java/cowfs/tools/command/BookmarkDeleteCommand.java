package cowfs.tools.command;

import cowfs.api.BookmarkRef;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs bookmark delete`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "delete", description = "Delete bookmarks: all that are named, or none.")
final class BookmarkDeleteCommand extends PoolCommand {
    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "SUBVOL#BOOKMARK",
            description = "The bookmarks.")
    List<String> names;

    @Override
    void checkArguments() throws IOException {
        PoolJson.bookmarkRefs(names);
    }

    @Override
    void run(PoolSession session) throws IOException {
        List<BookmarkRef> refs = PoolJson.bookmarkRefs(names);
        session.pool().deleteBookmarks(refs);
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("deleted", refs.stream().map(BookmarkRef::toString).toList());
        output.printQuietly(json);
    }
}
