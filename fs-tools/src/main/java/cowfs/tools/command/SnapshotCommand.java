package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs snapshot`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "snapshot",
        description = "Take a read-only snapshot: what was written before is in it.")
final class SnapshotCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "SUBVOL@SNAP", description = "The snapshot's name.")
    String name;

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(new Ref(Ref.parseSnapshot(name).subvolume(), null));
    }

    @Override
    void run(PoolSession session) throws IOException {
        output.printQuietly(PoolJson.of(session.pool().snapshot(Ref.parseSnapshot(name))));
    }
}
