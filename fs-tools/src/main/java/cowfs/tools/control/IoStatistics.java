package cowfs.tools.control;

import cowfs.api.PoolActivity;
import cowfs.fuse.operation.RequestTime;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a daemon has done since it started.
public record IoStatistics(PoolActivity pool, List<MountRequests> mounts) {
    /// The requests of one mount.
    ///
    /// @param ref what is mounted
    public record MountRequests(String ref, String directory, Map<String, RequestTime> requests) {}

    /// As the reply to `iostat`, and for `--json`.
    public Map<String, @Nullable Object> toJson() {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("commits", pool.commitCount());
        json.put("commit_nanos", pool.commitNanos());
        json.put("longest_commit_nanos", pool.longestCommitNanos());
        json.put("longest_freeze_nanos", pool.longestFreezeNanos());
        json.put("cached_node_reads", pool.cachedNodeReads());
        json.put("device_node_reads", pool.deviceNodeReads());
        json.put("dirty", pool.dirtyBytes());
        List<Map<String, @Nullable Object>> list = new ArrayList<>();
        for (MountRequests mount : mounts) {
            Map<String, @Nullable Object> item = PoolJson.members();
            item.put("ref", mount.ref());
            item.put("dir", mount.directory());
            Map<String, @Nullable Object> requests = PoolJson.members();
            mount.requests().forEach((name, time) -> requests.put(name, toJson(time)));
            item.put("requests", requests);
            list.add(item);
        }
        json.put("mounts", list);
        return json;
    }

    private static Map<String, @Nullable Object> toJson(RequestTime time) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("count", time.count());
        json.put("bytes", time.bytes());
        json.put("total_micros", time.totalMicros());
        json.put("p50_micros", time.halfMicros());
        json.put("p95_micros", time.most95Micros());
        json.put("p99_micros", time.most99Micros());
        json.put("longest_micros", time.longestMicros());
        return json;
    }

    static IoStatistics fromJson(JsonObject json) throws IOException {
        List<MountRequests> mounts = new ArrayList<>();
        for (JsonObject mount : json.objects("mounts")) {
            Map<String, RequestTime> requests = new LinkedHashMap<>();
            JsonObject members = mount.object("requests");
            for (String name : members.members().keySet()) {
                JsonObject time = members.object(name);
                requests.put(
                        name,
                        new RequestTime(
                                time.number("count"),
                                time.number("bytes"),
                                time.number("total_micros"),
                                time.number("p50_micros"),
                                time.number("p95_micros"),
                                time.number("p99_micros"),
                                time.number("longest_micros")));
            }
            mounts.add(new MountRequests(mount.text("ref"), mount.text("dir"), requests));
        }
        return new IoStatistics(
                new PoolActivity(
                        json.number("commits"),
                        json.number("commit_nanos"),
                        json.number("longest_commit_nanos"),
                        json.number("longest_freeze_nanos"),
                        json.number("cached_node_reads"),
                        json.number("device_node_reads"),
                        json.number("dirty")),
                mounts);
    }
}
