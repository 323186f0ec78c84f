package cowfs.tools.text;

import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// Names that a mistyped one may have meant.
public final class NearNames {
    private static final int MAX_SHOWN = 5;

    private NearNames() {}

    /// The failure to report when `failure` came from a request about existing `refs`: where one of
    /// them is unknown, the message names it and what is near.
    public static CowException explain(CowException failure, PoolOperations pool, List<Ref> refs)
            throws IOException {
        if (failure.kind() != ErrorKind.NOT_FOUND) {
            return failure;
        }
        List<Ref> known = pool.list().stream().map(SubvolumeInfo::ref).toList();
        for (Ref ref : refs) {
            if (!known.contains(ref)) {
                return new RequestException(ErrorKind.NOT_FOUND, message(ref, known), failure);
            }
        }
        return failure;
    }

    private static String message(Ref unknown, List<Ref> known) {
        String what = unknown.isSnapshot() ? "snapshot" : "subvolume";
        List<String> near = near(unknown.toString(), known.stream().map(Ref::toString).toList());
        return "there is no "
                + what
                + " '"
                + unknown
                + "'; "
                + (near.isEmpty() ? "" : "near: " + String.join(", ", near) + "; ")
                + "'cowfs list' shows all";
    }

    /// The names that are near enough to have been meant, nearest first.
    public static List<String> near(String name, List<String> known) {
        return known.stream()
                .filter(other -> distance(name, other) <= Math.max(2, name.length() / 3))
                .sorted(Comparator.comparingInt(other -> distance(name, other)))
                .limit(MAX_SHOWN)
                .toList();
    }

    /// The number of letters to insert, remove, change or swap with their neighbour.
    static int distance(String from, String to) {
        String a = from.toLowerCase(Locale.ROOT);
        String b = to.toLowerCase(Locale.ROOT);
        int[][] distances = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    distances[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int least =
                        Math.min(
                                distances[i - 1][j - 1] + change,
                                Math.min(distances[i - 1][j], distances[i][j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    least = Math.min(least, distances[i - 2][j - 2] + 1);
                }
                distances[i][j] = least;
            }
        }
        return distances[a.length()][b.length()];
    }
}
