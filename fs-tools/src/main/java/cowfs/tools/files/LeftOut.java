package cowfs.tools.files;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What an extraction left out because this user or this host can't make it, by kind: how often,
/// and the first place. Not thread safe.
public final class LeftOut {
    private final Map<String, Count> counts = new LinkedHashMap<>();

    private record Count(long count, String first) {}

    void add(String what, String where) {
        counts.merge(
                what, new Count(1, where), (known, one) -> new Count(known.count + 1, known.first));
    }

    public boolean isEmpty() {
        return counts.isEmpty();
    }

    /// A line for each kind.
    public List<String> lines() {
        return counts.entrySet().stream()
                .map(
                        each ->
                                each.getKey()
                                        + " of "
                                        + each.getValue().first
                                        + (each.getValue().count == 1
                                                ? ""
                                                : " and " + (each.getValue().count - 1) + " more"))
                .toList();
    }
}
