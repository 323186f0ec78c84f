package cowfs.subvol;

import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.util.SortedMap;

/// Holds: properties that keep what they are on from being deleted. The rest of the name is the
/// tag, which says who wants it kept; the value is when it was put there.
public final class Holds {
    /// What the name of a hold begins with.
    public static final String PREFIX = "hold:";

    private Holds() {}

    /// Whether a property is a hold.
    static boolean isHold(String propertyName) {
        return propertyName.startsWith(PREFIX);
    }

    /// @throws RequestException `BUSY` when there is a hold among the properties
    static void requireNone(String fullName, SortedMap<String, String> properties)
            throws RequestException {
        for (String name : properties.keySet()) {
            if (isHold(name)) {
                String tag = name.substring(PREFIX.length());
                throw new RequestException(
                        ErrorKind.BUSY,
                        "'"
                                + fullName
                                + "' is held by '"
                                + tag
                                + "', nothing was deleted; what lets go of it: "
                                + CommandHint.of("release", CommandHint.POOL, tag, fullName));
            }
        }
    }
}
