package cowfs.tools.command;

import cowfs.api.Inspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `cowfs inspect stats`.
@Command(
        name = "stats",
        description = {
            "Show figures of the whole image: height and fill of its trees, how files lie on disk, what is shared. Walks all trees."
        })
final class InspectStatsCommand extends InspectorCommand {
    @Override
    Map<String, @Nullable Object> ask(Inspector inspector, Path image) throws IOException {
        return inspector.statistics();
    }
}
