package cowfs.dir;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume;
import cowfs.format.EntryName;

/// The rules for names in a directory: 1 to 255 bytes, no `/`, no NUL, and not `.` or `..`.
public final class Names {
    private Names() {}

    /// @throws RequestException `NAME_TOO_LONG`, `INVALID`
    public static void require(byte[] name) throws RequestException {
        if (name.length > Volume.MAX_NAME_BYTES) {
            throw new RequestException(
                    ErrorKind.NAME_TOO_LONG,
                    "a name has at most "
                            + Volume.MAX_NAME_BYTES
                            + " bytes, this one has "
                            + name.length);
        }
        if (name.length == 0) {
            throw new RequestException(ErrorKind.INVALID, "a name must not be empty");
        }
        String problem = EntryName.check(name, 0, name.length);
        if (problem != null) {
            throw new RequestException(
                    ErrorKind.INVALID, "'" + text(name) + "' is no name for a file: it " + problem);
        }
    }

    /// A name for messages.
    public static String text(byte[] name) {
        return new String(name, UTF_8);
    }
}
