package cowfs.tools.command;

import cowfs.api.PoolActivity;
import cowfs.fuse.operation.RequestTime;
import cowfs.tools.control.IoStatistics;
import cowfs.tools.control.IoStatistics.MountRequests;
import cowfs.tools.text.PrometheusText;
import java.util.Map;
import java.util.TreeMap;

/// The statistics of a daemon as metrics of Prometheus, in seconds and bytes.
final class IoMetrics {
    private static final double NANOS = 1e9;
    private static final double MICROS = 1e6;
    private static final String DURATION = "cowfs_request_duration_seconds";
    private static final String BYTES = "cowfs_request_bytes_total";

    private IoMetrics() {}

    static String of(IoStatistics statistics) {
        PrometheusText text = new PrometheusText();
        text.metric(DURATION, "summary", "Time from taking a request of the kernel to its reply.");
        for (MountRequests mount : statistics.mounts()) {
            mount.requests().forEach((name, time) -> duration(text, mount, name, time));
        }
        text.metric(BYTES, "counter", "Bytes of files read or written.");
        for (MountRequests mount : statistics.mounts()) {
            mount.requests()
                    .forEach(
                            (name, time) -> {
                                if (time.bytes() > 0) {
                                    text.sample(BYTES, labels(mount, name), (double) time.bytes());
                                }
                            });
        }
        PoolActivity pool = statistics.pool();
        counter(text, "cowfs_commits_total", "Commits.", (double) pool.commitCount());
        counter(
                text,
                "cowfs_commit_seconds_total",
                "Time that commits took.",
                pool.commitNanos() / NANOS);
        gauge(
                text,
                "cowfs_commit_longest_seconds",
                "The longest commit.",
                pool.longestCommitNanos() / NANOS);
        counter(
                text,
                "cowfs_node_cache_hits_total",
                "Nodes found in the cache.",
                (double) pool.cachedNodeReads());
        counter(
                text,
                "cowfs_node_reads_total",
                "Nodes read from the image.",
                (double) pool.deviceNodeReads());
        gauge(
                text,
                "cowfs_dirty_bytes",
                "Metadata that is changed and not yet durable.",
                (double) pool.dirtyBytes());
        return text.toString();
    }

    private static void duration(
            PrometheusText text, MountRequests mount, String name, RequestTime time) {
        quantile(text, mount, name, "0.5", time.halfMicros());
        quantile(text, mount, name, "0.95", time.most95Micros());
        quantile(text, mount, name, "0.99", time.most99Micros());
        text.sample(DURATION + "_sum", labels(mount, name), time.totalMicros() / MICROS);
        text.sample(DURATION + "_count", labels(mount, name), (double) time.count());
    }

    private static void quantile(
            PrometheusText text, MountRequests mount, String name, String quantile, long micros) {
        Map<String, String> labels = labels(mount, name);
        labels.put("quantile", quantile);
        text.sample(DURATION, labels, micros / MICROS);
    }

    private static Map<String, String> labels(MountRequests mount, String operation) {
        Map<String, String> labels = new TreeMap<>();
        labels.put("dir", mount.directory());
        labels.put("operation", operation);
        return labels;
    }

    private static void counter(PrometheusText text, String name, String help, double value) {
        text.metric(name, "counter", help).sample(name, Map.of(), value);
    }

    private static void gauge(PrometheusText text, String name, String help, double value) {
        text.metric(name, "gauge", help).sample(name, Map.of(), value);
    }
}
