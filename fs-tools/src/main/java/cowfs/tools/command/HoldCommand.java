package cowfs.tools.command;

import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import java.io.IOException;
import picocli.CommandLine.Command;

/// `cowfs hold`.
@Command(
        name = "hold",
        description =
                "Keep snapshots and subvolumes from being deleted, by hand or by a policy, until the hold is released.")
final class HoldCommand extends HoldingCommand {
    @Override
    String changedKey() {
        return "held";
    }

    @Override
    void change(PoolOperations pool, Ref ref, String holdTag) throws IOException {
        pool.hold(ref, holdTag);
    }
}
