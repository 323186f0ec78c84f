package cowfs.tools.command;

import cowfs.api.Inspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `cowfs inspect txg`.
@Command(
        name = "txg",
        description = {"Show what a transaction group wrote and is still reached."})
final class InspectTxgCommand extends InspectorCommand {
    @Parameters(index = "1", paramLabel = "TXG", description = "Its number.")
    long txg;

    @Override
    Map<String, @Nullable Object> ask(Inspector inspector, Path image) throws IOException {
        return inspector.txg(txg);
    }
}
