package cowfs.tools.command;

import cowfs.api.Inspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs inspect node`.
@Command(
        name = "node",
        description = {
            "Show the node in a block, every item by its declared fields, whatever points to it."
        })
final class InspectNodeCommand extends InspectorCommand {
    @Parameters(
            index = "1",
            paramLabel = "BLOCK",
            description = "The block where a copy of the node begins.")
    long block;

    @Override
    Map<String, @Nullable Object> ask(Inspector inspector, Path image) throws IOException {
        return inspector.node(block);
    }
}
