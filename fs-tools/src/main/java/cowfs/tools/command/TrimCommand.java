package cowfs.tools.command;

import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `cowfs trim`.
@Command(
        name = "trim",
        description = {
            "Give the space of all free blocks back to the host, mounted or not.",
            "Freed blocks go back by themselves; this is for what was not: what was left by a commit"
                    + " that failed, or by a copy of the image that has no holes."
        })
final class TrimCommand extends PoolCommand {
    @Override
    void run(PoolSession session) throws IOException {
        long bytes = session.pool().trim();
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("trimmed", bytes);
        output.print(json, out -> out.println("trimmed " + Sizes.format(bytes) + " of free space"));
    }
}
