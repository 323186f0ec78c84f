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

/// `cowfs hold`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "hold",
        description =
                "Keep snapshots and subvolumes from being deleted, by hand or by a policy, until the hold is released.")
final class HoldCommand extends PoolCommand {
    @Parameters(
            index = "1",
            paramLabel = "TAG",
            description = "Who wants them kept, such as a ticket or a job.")
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
            session.pool().hold(each, tag);
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("tag", tag);
        json.put("held", existingRefs().stream().map(Ref::toString).toList());
        output.printQuietly(json);
    }
}
