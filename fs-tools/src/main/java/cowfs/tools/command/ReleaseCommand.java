package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs release`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "release", description = "Let go of holds: what has no other can be deleted again.")
final class ReleaseCommand extends PoolCommand {
    @Parameters(
            index = "1",
            paramLabel = "TAG",
            description = "The tag that the holds were made with.")
    String tag;

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "REF",
            description = "The snapshots and subvolumes.")
    List<String> names;

    @Override
    List<Ref> existingRefs() throws IOException {
        return PoolJson.refs(names).stream().distinct().toList();
    }

    @Override
    void run(PoolSession session) throws IOException {
        for (Ref each : existingRefs()) {
            session.pool().release(each, tag);
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("tag", tag);
        json.put("released", existingRefs().stream().map(Ref::toString).toList());
        output.printQuietly(json);
    }
}
