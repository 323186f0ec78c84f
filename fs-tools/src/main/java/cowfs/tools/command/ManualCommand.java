package cowfs.tools.command;

import cowfs.tools.manual.ManualPage;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// What makes the manual pages of a package.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "manual", hidden = true, description = "Write the manual pages into a directory.")
final class ManualCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "The directory; made if it is not there.")
    Path directory;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        List<ManualPage> pages = ManualPage.of(Commands.create(), VersionCommand.version());
        Files.createDirectories(directory);
        for (ManualPage page : pages) {
            Files.writeString(directory.resolve(page.fileName()), page.text());
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("pages", pages.stream().map(ManualPage::fileName).toList());
        output.printQuietly(json);
        return 0;
    }
}
