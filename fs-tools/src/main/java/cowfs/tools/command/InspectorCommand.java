package cowfs.tools.command;

import cowfs.api.Inspector;
import cowfs.tools.place.ImageFile;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.text.FactsText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// A subcommand of `inspect`. Damage that it meets is told on stderr and makes the exit code 1.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
abstract class InspectorCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "The image, not mounted.")
    Path path;

    @Mixin Output output;

    @Override
    public final Integer call() throws IOException {
        Usage.read(
                output.command,
                () -> {
                    checkArguments();
                    return path;
                });
        Path image = ImageFile.require(path);
        PoolLocator.requireUnmounted(image);
        Map<String, @Nullable Object> facts =
                PoolLocator.openWaiting(
                        image,
                        () -> {
                            PoolLocator.requireUnlocked(image);
                            try (Inspector inspector = Inspector.open(image)) {
                                return ask(inspector, image);
                            }
                        });
        output.print(facts, out -> print(facts, out));
        if (facts.get("damage") instanceof List<?> damage && !damage.isEmpty()) {
            damage.forEach(line -> output.note("damaged: " + line));
            return 1;
        }
        return 0;
    }

    /// Refuses arguments that can never mean anything, before the image is opened.
    void checkArguments() throws IOException {}

    /// Asks what the command is for.
    abstract Map<String, @Nullable Object> ask(Inspector inspector, Path image) throws IOException;

    /// Prints the answer for people.
    void print(Map<String, @Nullable Object> facts, PrintWriter out) {
        FactsText.print(facts, out);
    }
}
