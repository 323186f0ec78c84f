package cowfs.format;

import org.jspecify.annotations.Nullable;

/// The rules for a name in a directory, as bytes: no `/`, no NUL, and not `.` or `..`.
///
/// A kernel takes the names that a directory lists as they are, so none that breaks a rule may get
/// out of an image.
public final class EntryName {
    private EntryName() {}

    /// What is wrong with a name, to go on from "its name", or null.
    public static @Nullable String check(byte[] bytes, int from, int lengthBytes) {
        for (int i = from; i < from + lengthBytes; i++) {
            if (bytes[i] == 0) {
                return "holds NUL";
            }
            if (bytes[i] == '/') {
                return "holds /";
            }
        }
        boolean dots = lengthBytes == 1 || (lengthBytes == 2 && bytes[from + 1] == '.');
        return dots && bytes[from] == '.' ? "is . or .." : null;
    }
}
