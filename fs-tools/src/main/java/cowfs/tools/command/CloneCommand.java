package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs clone`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "clone",
        description = "Make a writable subvolume that starts as a snapshot or subvolume stands.")
final class CloneCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "REF", description = "The subvolume or snapshot.")
    String source;

    @Parameters(index = "2", paramLabel = "NEWSUBVOL", description = "The clone's name.")
    String name;

    @Override
    void checkArguments() throws IOException {
        Ref.parseSubvolume(name);
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(Ref.parse(source));
    }

    @Override
    void run(PoolSession session) throws IOException {
        output.printQuietly(PoolJson.of(session.pool().cloneSubvolume(Ref.parse(source), name)));
    }
}
