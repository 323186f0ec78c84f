package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `cowfs subvolume delete`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "delete", description = "Delete a subvolume that has no snapshots.")
final class SubvolumeDeleteCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "NAME", description = "The subvolume's name.")
    String name;

    @Mixin Deletion deletion;

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(Ref.parseSubvolume(name));
    }

    @Override
    void run(PoolSession session) throws IOException {
        deletion.delete(session, existingRefs(), output);
    }
}
