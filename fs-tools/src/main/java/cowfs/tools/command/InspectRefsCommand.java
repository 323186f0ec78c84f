package cowfs.tools.command;

import cowfs.api.Inspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs inspect refs`.
@Command(
        name = "refs",
        description = {
            "Show who owns a block: the nodes and files that name it, in every subvolume and snapshot. There is no way back from a block to its owners, so all trees are walked."
        })
final class InspectRefsCommand extends InspectorCommand {
    @Parameters(index = "1", paramLabel = "BLOCK", description = "The block.")
    long block;

    @Override
    Map<String, @Nullable Object> ask(Inspector inspector, Path image) throws IOException {
        return inspector.owners(block);
    }
}
