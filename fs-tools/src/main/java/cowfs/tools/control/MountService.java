package cowfs.tools.control;

import cowfs.api.Ref;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a daemon does beyond the operations on its pool: it mounts.
public interface MountService {
    /// Who the daemon is and what it has mounted.
    ///
    /// @throws IOException `BUSY` while it is closing the pool
    Status status() throws IOException;

    /// Mounts a subvolume or snapshot; it is up when the call returns.
    ///
    /// @param options as after `-o`
    ServedMount mount(Ref ref, Path directory, List<String> options) throws IOException;

    /// Waits until nothing is mounted on `directory` any more and, if that was the last mount,
    /// until the pool is closed.
    ///
    /// @return whether the pool was closed
    boolean awaitUnmount(Path directory) throws IOException;

    /// What the daemon's log tells: this level and those above.
    LogLevel logLevel() throws IOException;

    /// Makes the log tell more or less from now on.
    void setLogLevel(LogLevel level) throws IOException;

    /// What the daemon has done since it started.
    IoStatistics statistics() throws IOException;

    /// One mount of a daemon.
    ///
    /// @param transport how it is connected, for people
    /// @param requests how often the kernel has asked for each operation so far; empty when that is
    ///   not counted
    record ServedMount(
            Ref ref,
            Path directory,
            boolean readOnly,
            String transport,
            Map<String, Long> requests) {
        /// As a member of `mounts`.
        public Map<String, @Nullable Object> toJson() {
            Map<String, @Nullable Object> json = PoolJson.members();
            json.put("ref", ref.toString());
            json.put("dir", directory.toString());
            json.put("read_only", readOnly);
            json.put("transport", transport);
            json.put("requests", requests);
            return json;
        }

        static ServedMount fromJson(JsonObject json) throws IOException {
            return new ServedMount(
                    Ref.parse(json.text("ref")),
                    Path.of(json.text("dir")),
                    json.flag("read_only"),
                    json.text("transport"),
                    counts(json.object("requests")));
        }

        private static Map<String, Long> counts(JsonObject json) throws IOException {
            Map<String, Long> counts = new LinkedHashMap<>();
            for (String name : json.members().keySet()) {
                counts.put(name, json.number(name));
            }
            return counts;
        }
    }

    /// A daemon and its mounts.
    ///
    /// @param pid its process
    record Status(long pid, Path image, Path log, List<ServedMount> mounts) {
        /// As the reply to `status`.
        public Map<String, @Nullable Object> toJson() {
            Map<String, @Nullable Object> json = PoolJson.members();
            json.put("pid", pid);
            json.put("image", image.toString());
            json.put("log", log.toString());
            json.put("mounts", mounts.stream().map(ServedMount::toJson).toList());
            return json;
        }

        static Status fromJson(JsonObject json) throws IOException {
            List<ServedMount> mounts = new ArrayList<>();
            for (JsonObject mount : json.objects("mounts")) {
                mounts.add(ServedMount.fromJson(mount));
            }
            return new Status(
                    json.number("pid"),
                    Path.of(json.text("image")),
                    Path.of(json.text("log")),
                    mounts);
        }
    }
}
