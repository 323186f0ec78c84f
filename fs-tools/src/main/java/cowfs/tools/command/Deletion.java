package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What the subcommands that delete have in common.
final class Deletion {
    @Option(
            names = "--wait",
            negatable = true,
            description =
                    "Return when the space has come back. Without a mount this is the default: there is no"
                            + " background in which it could.")
    @Nullable Boolean wait;

    void delete(PoolSession session, List<Ref> refs) throws IOException {
        session.pool().delete(refs);
        if (wait == null ? !session.isMounted() : wait) {
            session.pool().awaitReclaim();
        }
    }

    void delete(PoolSession session, List<Ref> refs, Output output) throws IOException {
        delete(session, refs);
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("deleted", refs.stream().map(Ref::toString).toList());
        output.printQuietly(json);
    }
}
