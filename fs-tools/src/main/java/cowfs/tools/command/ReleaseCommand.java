package cowfs.tools.command;

import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import java.io.IOException;
import picocli.CommandLine.Command;

/// `cowfs release`.
@Command(name = "release", description = "Let go of holds: what has no other can be deleted again.")
final class ReleaseCommand extends HoldingCommand {
    @Override
    String changedKey() {
        return "released";
    }

    @Override
    void change(PoolOperations pool, Ref ref, String holdTag) throws IOException {
        pool.release(ref, holdTag);
    }
}
