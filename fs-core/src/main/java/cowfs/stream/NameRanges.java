package cowfs.stream;

import cowfs.format.Layout;
import cowfs.format.NameHash;
import java.util.ArrayList;
import java.util.List;

/// The ranges of a `CLEAR_DIRENTS` record: where names lie by the hash of the sending image, whole
/// groups of equal hashes, rising and apart from each other. A bound is an offset with
/// disambiguator 0.
public final class NameRanges {
    private static final Layout.Builder FIELDS = Layout.of("stream_name_range");
    private static final Layout.U64Field FROM =
            FIELDS.u64(
                    "from", "lowest offset, a multiple of 65536; of the first range the record's");
    private static final Layout.U64Field TO =
            FIELDS.u64("to", "highest offset, as above; more ranges follow");

    public static final Layout LAYOUT = FIELDS.size(16);

    /// The most of one record.
    static final int MAX_COUNT = 10_000;

    /// The highest bound.
    static final long LAST = groupOf(Long.MAX_VALUE);

    private final long[] bounds;

    private NameRanges(long[] bounds) {
        this.bounds = bounds;
    }

    /// The lowest offset that may hold a name of the same hash.
    static long groupOf(long offset) {
        return offset >>> NameHash.DISAMBIGUATOR_BITS << NameHash.DISAMBIGUATOR_BITS;
    }

    /// @param bounds pairs of the first and the last offset of each range
    static byte[] of(List<Long> bounds) {
        byte[] b = new byte[bounds.size() / 2 * LAYOUT.sizeBytes()];
        for (int i = 0; i < bounds.size(); i += 2) {
            int at = i / 2 * LAYOUT.sizeBytes();
            FROM.set(b, at, bounds.get(i));
            TO.set(b, at, bounds.get(i + 1));
        }
        return b;
    }

    /// Whether a body is one, in a record with an offset.
    static boolean isWhole(long offset, byte[] b, int at, int lengthBytes) {
        int count = lengthBytes / LAYOUT.sizeBytes();
        if (count == 0
                || count > MAX_COUNT
                || lengthBytes % LAYOUT.sizeBytes() != 0
                || FROM.get(b, at) != offset) {
            return false;
        }
        long last = -1;
        for (int i = 0; i < count; i++) {
            long from = FROM.get(b, at + i * LAYOUT.sizeBytes());
            long to = TO.get(b, at + i * LAYOUT.sizeBytes());
            if (from <= last || to < from || groupOf(from) != from || groupOf(to) != to) {
                return false;
            }
            last = to;
        }
        return true;
    }

    /// Reads a body that is whole.
    static NameRanges readFrom(byte[] b, int at, int lengthBytes) {
        long[] bounds = new long[2 * (lengthBytes / LAYOUT.sizeBytes())];
        for (int i = 0; i < bounds.length; i += 2) {
            bounds[i] = FROM.get(b, at + i / 2 * LAYOUT.sizeBytes());
            bounds[i + 1] = TO.get(b, at + i / 2 * LAYOUT.sizeBytes());
        }
        return new NameRanges(bounds);
    }

    /// Whether one of them holds names of an offset with disambiguator 0.
    boolean hold(long offset) {
        int low = 0;
        int high = bounds.length / 2 - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (offset < bounds[2 * middle]) {
                high = middle - 1;
            } else if (offset > bounds[2 * middle + 1]) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    /// The ranges as `from-to`, for people.
    static List<String> texts(byte[] b, int at, int lengthBytes) {
        List<String> texts = new ArrayList<>();
        long[] bounds = readFrom(b, at, lengthBytes).bounds;
        for (int i = 0; i < bounds.length; i += 2) {
            texts.add(bounds[i] + "-" + bounds[i + 1]);
        }
        return texts;
    }
}
