package cowfs.tools.text;

import cowfs.api.ScrubReport;
import cowfs.api.ScrubReport.LostRange;
import cowfs.file.Timestamp;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The report of a scrub as JSON, for `--json` and for the control socket.
public final class ScrubJson {
    private ScrubJson() {}

    public static Map<String, @Nullable Object> of(ScrubReport report) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("state", report.state());
        json.put("started", text(report.started()));
        json.put("updated", text(report.updated()));
        json.put("verified", report.verifiedBytes());
        json.put("total", report.totalBytes());
        json.put("repaired", report.repairedCount());
        json.put("lost_count", report.lostCount());
        json.put("lost", report.lost().stream().map(ScrubJson::of).toList());
        json.put("failure", report.failure());
        return json;
    }

    private static Map<String, @Nullable Object> of(LostRange range) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("where", range.where());
        json.put("metadata", range.metadata());
        json.put("offset", range.offset());
        json.put("length", range.lengthBytes());
        json.put("block", range.block());
        return json;
    }

    /// The reverse of {@link #of(ScrubReport)}.
    public static ScrubReport report(JsonObject json) throws IOException {
        List<LostRange> lost = new ArrayList<>();
        for (JsonObject range : json.objects("lost")) {
            lost.add(
                    new LostRange(
                            range.text("where"),
                            range.flag("metadata"),
                            range.number("offset"),
                            range.number("length"),
                            range.number("block")));
        }
        return new ScrubReport(
                json.text("state"),
                time(json, "started"),
                time(json, "updated"),
                json.number("verified"),
                json.number("total"),
                json.number("repaired"),
                json.number("lost_count"),
                lost,
                json.text("failure"));
    }

    private static @Nullable String text(@Nullable Timestamp time) {
        return time == null ? null : time.toInstant().toString();
    }

    private static @Nullable Timestamp time(JsonObject json, String key) throws IOException {
        if (!json.has(key)) {
            return null;
        }
        String text = json.text(key);
        try {
            return new Timestamp(Instant.parse(text).getEpochSecond(), 0);
        } catch (DateTimeException e) {
            throw new IOException("malformed JSON: no point in time: " + text, e);
        }
    }
}
