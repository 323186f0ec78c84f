package cowfs.tools.command;

import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.policy.SnapshotPolicy;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs policy set`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "set", description = "Give a subvolume a policy, in place of the one it has.")
final class PolicySetCommand extends PoolCommand {
    @Parameters(index = "1", paramLabel = "SUBVOL", description = "The subvolume.")
    String name;

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "PERIOD:COUNT",
            description = "The rules, shortest period first; m, h, d and w are units.")
    List<String> rules;

    @Override
    void checkArguments() throws IOException {
        SnapshotPolicy.parse(String.join(" ", rules));
    }

    @Override
    List<Ref> existingRefs() throws IOException {
        return List.of(Ref.parseSubvolume(name));
    }

    @Override
    void run(PoolSession session) throws IOException {
        String text = String.join(" ", rules);
        session.pool().setProperty(Ref.parseSubvolume(name), Property.POLICY, text);
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("ref", name);
        json.put("policy", text);
        output.printQuietly(json);
    }
}
