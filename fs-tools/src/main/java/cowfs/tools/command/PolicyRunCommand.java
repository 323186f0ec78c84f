package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.tools.place.PoolSession;
import cowfs.tools.policy.PolicyRun;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `cowfs policy run`.
@Command(
        name = "run",
        description = "Take the snapshots that are due and delete those that no rule keeps.")
final class PolicyRunCommand extends PoolCommand {
    @Override
    void run(PoolSession session) throws IOException {
        PolicyRun.Result result = PolicyRun.run(session.pool(), Instant.now());
        if (!session.isMounted()) {
            session.pool().awaitReclaim();
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("taken", names(result.taken()));
        json.put("deleted", names(result.deleted()));
        json.put("held", names(result.held()));
        output.print(
                json,
                out -> {
                    result.taken().forEach(each -> out.println("took " + each));
                    result.deleted().forEach(each -> out.println("deleted " + each));
                    result.held().forEach(each -> out.println("kept " + each + ", which is held"));
                });
    }

    private static List<String> names(List<Ref> refs) {
        return refs.stream().map(Ref::toString).toList();
    }
}
