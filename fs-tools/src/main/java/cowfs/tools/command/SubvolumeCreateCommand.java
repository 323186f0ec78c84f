package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs subvolume create`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "create", description = "Make an empty subvolume.")
final class SubvolumeCreateCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "NAME", description = "The subvolume's name.")
    String name;

    @Override
    void checkArguments() throws IOException {
        Ref.parseSubvolume(name);
    }

    @Override
    void run(PoolSession session) throws IOException {
        output.printQuietly(PoolJson.of(session.pool().createSubvolume(name)));
    }
}
