package cowfs.subvol;

import cowfs.txn.TreeLimits;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// The properties of a subvolume that say what it may become.
///
/// A snapshot has those of its subvolume, for the clones that are made of it: it never changes.
public final class Limits {
    /// Bytes that the subvolume may reference at most, a decimal number.
    public static final String QUOTA = "quota";

    /// Inodes that it may have at most, a decimal number.
    public static final String INODE_QUOTA = "quota-inodes";

    /// Whether it takes no changes: {@link #ON} or `off`.
    public static final String READ_ONLY = "readonly";

    public static final String ON = "on";

    private Limits() {}

    /// Whether a property is a limit.
    public static boolean isLimit(String name) {
        return name.equals(QUOTA) || name.equals(INODE_QUOTA) || name.equals(READ_ONLY);
    }

    /// What properties say. A value that is none, which only a damaged image has, is no limit.
    static TreeLimits of(SortedMap<String, String> properties) {
        return new TreeLimits(
                number(properties.get(QUOTA)),
                number(properties.get(INODE_QUOTA)),
                ON.equals(properties.get(READ_ONLY)));
    }

    private static long number(@Nullable String value) {
        return value != null && isNumber(value) ? Long.parseLong(value) : TreeLimits.NONE;
    }

    /// Whether a text can be the value of a quota: 1 to 2^62.
    public static boolean isNumber(String value) {
        return value.matches("[1-9][0-9]{0,18}")
                && Long.parseUnsignedLong(value) >= 0
                && Long.parseUnsignedLong(value) <= 1L << 62;
    }
}
