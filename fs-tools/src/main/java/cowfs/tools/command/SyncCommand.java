package cowfs.tools.command;

import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `cowfs sync`.
@Command(name = "sync", description = "Make durable all that was written before.")
final class SyncCommand extends PoolCommand {
    @Override
    void run(PoolSession session) throws IOException {
        session.pool().sync();
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("txg", session.pool().info().txg());
        output.printQuietly(json);
    }
}
