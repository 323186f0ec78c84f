package cowfs.tools.command;

import cowfs.api.Inspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `cowfs inspect space`.
@Command(
        name = "space",
        description = {"Show the space map: all groups in use, or the allocated blocks of one."})
final class InspectSpaceCommand extends InspectorCommand {
    @Option(
            names = "--group",
            paramLabel = "N",
            description = "One group, with its allocated blocks counted from its start.")
    long group = -1;

    @Override
    Map<String, @Nullable Object> ask(Inspector inspector, Path image) throws IOException {
        return inspector.space(group);
    }
}
