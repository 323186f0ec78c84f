package cowfs.tools.command;

import cowfs.api.BookmarkInfo;
import cowfs.api.BookmarkRef;
import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs bookmark create`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "create", description = "Make a bookmark of a snapshot.")
final class BookmarkCreateCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "SUBVOL@SNAP", description = "The snapshot.")
    String snapshot;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "NAME",
            description = "The bookmark's name; that of the snapshot if none is given.")
    @Nullable String name;

    @Override
    List<Ref> existingRefs() throws IOException {
        Ref ref = Ref.parseSnapshot(snapshot);
        BookmarkRef.of(ref.subvolume(), bookmarkName(ref));
        return List.of(ref);
    }

    private String bookmarkName(Ref ref) {
        return name == null ? Objects.requireNonNull(ref.snapshot()) : name;
    }

    @Override
    void run(PoolSession session) throws IOException {
        Ref ref = Ref.parseSnapshot(snapshot);
        BookmarkInfo made = session.pool().createBookmark(ref, bookmarkName(ref));
        output.printQuietly(PoolJson.of(made));
    }
}
