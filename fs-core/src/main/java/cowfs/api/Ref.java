package cowfs.api;

import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The name of a subvolume (`main`) or of one of its snapshots (`main@monday`).
///
/// A part of a name is 1 to 200 bytes of UTF-8 without `/`, `@`, `:` and control characters, and is
/// not `.` or `..`.
///
/// @param snapshot null for the subvolume itself
public record Ref(String subvolume, @Nullable String snapshot) {
    /// The first subvolume of every image.
    public static final Ref MAIN = new Ref("main", null);

    private static final int MAX_PART_BYTES = 200;

    /// Parses `subvolume` or `subvolume@snapshot`.
    ///
    /// @throws RequestException of kind `INVALID` when the text is no valid name, `NAME_TOO_LONG`
    public static Ref parse(String text) throws RequestException {
        int at = text.indexOf('@');
        if (at < 0) {
            return new Ref(requireValidPart(text, text), null);
        }
        return new Ref(
                requireValidPart(text.substring(0, at), text),
                requireValidPart(text.substring(at + 1), text));
    }

    /// Parses the name of a subvolume, refusing one with a snapshot part.
    public static Ref parseSubvolume(String text) throws RequestException {
        Ref ref = parse(text);
        if (ref.isSnapshot()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + text + "' names a snapshot; give the name of a subvolume, without '@'");
        }
        return ref;
    }

    /// Parses the name of a snapshot, refusing one without a snapshot part.
    public static Ref parseSnapshot(String text) throws RequestException {
        Ref ref = parse(text);
        if (!ref.isSnapshot()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + text + "' names no snapshot; write it as SUBVOLUME@SNAPSHOT");
        }
        return ref;
    }

    /// Whether this names a snapshot.
    public boolean isSnapshot() {
        return snapshot != null;
    }

    @Override
    public String toString() {
        return snapshot == null ? subvolume : subvolume + "@" + snapshot;
    }

    private static String requireValidPart(String part, String whole) throws RequestException {
        String problem = null;
        ErrorKind kind = ErrorKind.INVALID;
        int bytes = part.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0) {
            problem = "is empty";
        } else if (bytes > MAX_PART_BYTES) {
            problem = "has " + CountText.of(bytes, "byte") + ", at most " + MAX_PART_BYTES + " fit";
            kind = ErrorKind.NAME_TOO_LONG;
        } else if (part.equals(".") || part.equals("..")) {
            problem = "is '.' or '..'";
        } else if (part.indexOf('\uFFFD') >= 0) {
            problem = "is no UTF-8";
        } else if (part.chars()
                .anyMatch(c -> c == '/' || c == '@' || c == ':' || Character.isISOControl(c))) {
            problem = "holds '/', '@', ':' or a control character";
        }
        if (problem != null) {
            throw new RequestException(
                    kind,
                    "'"
                            + whole
                            + "' is no valid name: a part "
                            + problem
                            + "; write SUBVOLUME or SUBVOLUME@SNAPSHOT");
        }
        return part;
    }
}
