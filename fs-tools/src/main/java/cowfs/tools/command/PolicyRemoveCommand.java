package cowfs.tools.command;

import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs policy remove`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "remove",
        description = "Take a subvolume's policy away; the snapshots that it took stay.")
final class PolicyRemoveCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "SUBVOL", description = "The subvolume.")
    String name;

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(Ref.parseSubvolume(name));
    }

    @Override
    void run(PoolSession session) throws IOException {
        session.pool().setProperty(Ref.parseSubvolume(name), Property.POLICY, null);
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("ref", name);
        json.put("policy", null);
        output.printQuietly(json);
    }
}
