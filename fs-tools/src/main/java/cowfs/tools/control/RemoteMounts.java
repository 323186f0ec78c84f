package cowfs.tools.control;

import cowfs.api.Ref;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The mounts of a daemon behind its control socket. Thread safe.
public final class RemoteMounts implements MountService {
    private final ControlClient client;

    public RemoteMounts(ControlClient client) {
        this.client = client;
    }

    @Override
    public Status status() throws IOException {
        return Status.fromJson(client.call(Verb.STATUS, Map.of()));
    }

    @Override
    public ServedMount mount(Ref ref, Path directory, List<String> options) throws IOException {
        Map<String, @Nullable Object> arguments = PoolJson.members();
        arguments.put("ref", ref.toString());
        arguments.put("dir", directory.toString());
        arguments.put("options", options);
        return ServedMount.fromJson(client.call(Verb.MOUNT, arguments));
    }

    @Override
    public LogLevel logLevel() throws IOException {
        return LogLevel.parse(client.call(Verb.LOG_LEVEL, Map.of()).text("level"));
    }

    @Override
    public void setLogLevel(LogLevel level) throws IOException {
        client.call(Verb.LOG_LEVEL, Map.of("level", level.word()));
    }

    @Override
    public IoStatistics statistics() throws IOException {
        return IoStatistics.fromJson(client.call(Verb.IOSTAT, Map.of()));
    }

    @Override
    public boolean awaitUnmount(Path directory) throws IOException {
        JsonObject reply = client.call(Verb.AWAIT_UNMOUNT, Map.of("dir", directory.toString()));
        return reply.flag("closed");
    }
}
