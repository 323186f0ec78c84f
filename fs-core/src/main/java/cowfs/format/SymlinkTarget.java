package cowfs.format;

import org.jspecify.annotations.Nullable;

/// The rules for the target of a symlink: 1 to 4095 bytes without NUL, as Linux has them.
public final class SymlinkTarget {
    /// The longest target in bytes.
    public static final int MAX_BYTES = 4095;

    private SymlinkTarget() {}

    /// What is wrong with a target, or null.
    ///
    /// @param bytes hold the target from `from` on; only looked at when its length is right
    public static @Nullable String check(byte[] bytes, int from, long lengthBytes) {
        if (lengthBytes < 1 || lengthBytes > MAX_BYTES) {
            return "length of its target has " + lengthBytes + " want 1 to " + MAX_BYTES;
        }
        for (int i = from; i < from + lengthBytes; i++) {
            if (bytes[i] == 0) {
                return "its target holds NUL";
            }
        }
        return null;
    }
}
