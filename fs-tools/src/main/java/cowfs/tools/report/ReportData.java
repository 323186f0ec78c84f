package cowfs.tools.report;

import cowfs.api.CheckReport;
import cowfs.api.PoolInfo;
import cowfs.api.SpaceUsage;
import cowfs.api.SubvolumeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a report is made of.
///
/// @param image the name of the image file
/// @param version of cowfs
/// @param check null when it was not made
/// @param map of {@link cowfs.api.Inspector#map}
/// @param folders of {@link cowfs.api.Inspector#largestFolders}
/// @param statistics of {@link cowfs.api.Inspector#statistics}
/// @param missing what could not be read, a line each
public record ReportData(
        String image,
        String version,
        Instant made,
        PoolInfo info,
        List<SubvolumeInfo> subvolumes,
        List<SpaceUsage> usage,
        @Nullable CheckReport check,
        Map<String, @Nullable Object> map,
        Map<String, @Nullable Object> folders,
        Map<String, @Nullable Object> statistics,
        List<String> missing) {
    /// The list in a member of an answer of the inspector.
    @SuppressWarnings("unchecked") // the answers are made so
    static List<Map<String, @Nullable Object>> list(
            Map<String, @Nullable Object> facts, String key) {
        Object value = facts.get(key);
        return value == null ? List.of() : (List<Map<String, @Nullable Object>>) value;
    }

    @SuppressWarnings("unchecked") // the answers are made so
    static Map<String, @Nullable Object> map(Map<String, @Nullable Object> facts, String key) {
        Object value = facts.get(key);
        return value == null
                ? Map.<String, @Nullable Object>of()
                : (Map<String, @Nullable Object>) value;
    }

    static long number(Map<String, @Nullable Object> facts, String key) {
        return facts.get(key) instanceof Number number ? number.longValue() : 0;
    }

    static String text(Map<String, @Nullable Object> facts, String key) {
        Object value = facts.get(key);
        return value == null ? "" : value.toString();
    }
}
