package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs subvolume rename`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "rename", description = "Give a subvolume another name; its snapshots go with it.")
final class SubvolumeRenameCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "NAME", description = "The name that it has.")
    String from;

    @Parameters(index = "2", paramLabel = "NEWNAME", description = "The name that it gets.")
    String to;

    @Override
    void checkArguments() throws IOException {
        Ref.parseSubvolume(to);
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(Ref.parseSubvolume(from));
    }

    @Override
    void run(PoolSession session) throws IOException {
        output.printQuietly(PoolJson.of(session.pool().renameSubvolume(from, to)));
    }
}
