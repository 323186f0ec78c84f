package cowfs.tools.files;

import cowfs.api.Ref;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.NameText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A file as a command names it: `REF:/path`.
///
/// @param names of the path, without empty ones; `.` and `..` are kept
/// @param directory whether it ends in a slash, so that it must be a directory
@SuppressWarnings("ArrayRecordComponent") // each name is an array
public record FilePlace(Ref ref, List<byte[]> names, boolean directory) {
    private static final int MAX_NAME_BYTES = 255;

    /// Parses `REF:/path`; a ref alone is its root.
    ///
    /// @throws RequestException `INVALID`
    public static FilePlace parse(String text) throws RequestException {
        int colon = text.indexOf(':');
        if (colon < 0) {
            if (text.startsWith("/") || text.startsWith(".")) {
                throw new RequestException(
                        ErrorKind.INVALID,
                        "'"
                                + text
                                + "' names no subvolume: write REF:/path, such as main:"
                                + rooted(text));
            }
            return new FilePlace(Ref.parse(text), List.of(), true);
        }
        Ref ref = Ref.parse(text.substring(0, colon));
        String path = text.substring(colon + 1);
        if (!path.isEmpty() && !path.startsWith("/")) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + text + "': the path begins with a slash: write " + ref + ":/" + path);
        }
        return new FilePlace(
                ref, split(NameText.parse(path)), path.endsWith("/") || path.isEmpty());
    }

    private static String rooted(String path) {
        return path.startsWith("/") ? path : "/" + path;
    }

    /// The names of a path.
    ///
    /// @throws RequestException `NAME_TOO_LONG`, or `INVALID` for a NUL
    static List<byte[]> split(byte[] path) throws RequestException {
        List<byte[]> names = new ArrayList<>();
        int start = 0;
        for (int at = 0; at <= path.length; at++) {
            if (at == path.length || path[at] == '/') {
                if (at > start) {
                    names.add(require(Arrays.copyOfRange(path, start, at)));
                }
                start = at + 1;
            } else if (path[at] == 0) {
                throw new RequestException(
                        ErrorKind.INVALID, "a path can't hold a NUL byte: " + NameText.of(path));
            }
        }
        return names;
    }

    /// Checks that a file can have a name.
    ///
    /// @throws RequestException `NAME_TOO_LONG`
    public static byte[] require(byte[] name) throws RequestException {
        if (name.length > MAX_NAME_BYTES) {
            throw new RequestException(
                    ErrorKind.NAME_TOO_LONG,
                    "a name of "
                            + CountText.of(name.length, "byte")
                            + " can't be there, the longest have "
                            + MAX_NAME_BYTES
                            + ": "
                            + NameText.of(Arrays.copyOf(name, 40))
                            + "...");
        }
        return name;
    }

    /// The path as text, from the root on.
    public String path() {
        StringBuilder text = new StringBuilder();
        names.forEach(name -> text.append('/').append(NameText.of(name)));
        return text.isEmpty() ? "/" : text.toString();
    }

    @Override
    public String toString() {
        return ref + ":" + path();
    }
}
