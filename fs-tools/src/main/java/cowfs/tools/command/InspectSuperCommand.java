package cowfs.tools.command;

import cowfs.api.Inspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `cowfs inspect super`.
@Command(
        name = "super",
        description = {"Show all superblock slots of both areas, which one is opened, and why."})
final class InspectSuperCommand extends InspectorCommand {
    @Override
    Map<String, @Nullable Object> ask(Inspector inspector, Path image) throws IOException {
        return inspector.superblocks();
    }
}
