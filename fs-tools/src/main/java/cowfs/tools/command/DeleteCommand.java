package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `cowfs delete`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "delete",
        description = "Delete snapshots and subvolumes: all that are named, or none.")
final class DeleteCommand extends PoolCommand {
    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "REF",
            description = "The subvolumes and snapshots.")
    List<String> names;

    @Mixin Deletion deletion;

    @Override
    List<Ref> existingRefs() throws IOException {
        return PoolJson.refs(names);
    }

    @Override
    void run(PoolSession session) throws IOException {
        deletion.delete(session, existingRefs(), output);
    }
}
