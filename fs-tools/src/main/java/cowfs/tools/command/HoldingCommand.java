package cowfs.tools.command;

import cowfs.api.PoolOperations;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/// A subcommand that changes the holds with one tag of several snapshots and subvolumes.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
abstract class HoldingCommand extends PoolCommand {
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

    /// The member of the JSON that lists what was changed.
    abstract String changedKey();

    abstract void change(PoolOperations pool, Ref ref, String holdTag) throws IOException;

    @Override
    final void checkArguments() throws IOException {
        Property.requireTag(tag);
    }

    @Override
    final List<Ref> existingRefs() throws IOException {
        return PoolJson.refs(names).stream().distinct().toList();
    }

    @Override
    final void run(PoolSession session) throws IOException {
        List<Ref> refs = existingRefs();
        for (Ref each : refs) {
            change(session.pool(), each, tag);
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("tag", tag);
        json.put(changedKey(), refs.stream().map(Ref::toString).toList());
        output.printQuietly(json);
    }
}
