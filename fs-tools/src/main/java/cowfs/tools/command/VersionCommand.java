package cowfs.tools.command;

import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/// `cowfs version`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "version", description = "Print the version.")
public final class VersionCommand implements Callable<Integer>, IVersionProvider {
    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("version", version());
        json.put("java", Runtime.version().toString());
        output.print(json, out -> out.println("cowfs " + version()));
        return 0;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"cowfs " + version()};
    }

    static String version() {
        try (InputStream file =
                Objects.requireNonNull(
                        VersionCommand.class.getResourceAsStream(
                                "/cowfs/tools/version.properties"))) {
            Properties properties = new Properties();
            properties.load(file);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
