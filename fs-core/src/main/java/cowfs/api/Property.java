package cowfs.api;

import cowfs.compress.Compression;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.PropertyItem;
import cowfs.subvol.Holds;
import cowfs.subvol.Limits;
import cowfs.subvol.Purges;
import cowfs.subvol.TreeSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The names of properties of subvolumes and snapshots.
///
/// cowfs knows a few; those of users have a colon in their name, as in ZFS, so that later versions
/// can know more. Those that begin with {@link #HOLD_PREFIX} are holds. A snapshot and a clone
/// start with the properties of what they are of, without its holds.
public final class Property {
    /// What a person wants to say about it.
    public static final String COMMENT = "comment";

    /// How snapshots of it are taken and thinned.
    public static final String POLICY = "policy";

    /// With the tag that follows it: it is not deleted while it has this. The value says since
    /// when.
    public static final String HOLD_PREFIX = Holds.PREFIX;

    /// How many bytes a subvolume may reference, data and metadata in all copies: a decimal number.
    public static final String QUOTA = Limits.QUOTA;

    /// How many inodes it may have: a decimal number.
    public static final String INODE_QUOTA = Limits.INODE_QUOTA;

    /// `on` for a subvolume that takes no changes, else `off`.
    public static final String READ_ONLY = Limits.READ_ONLY;

    /// How new content is compressed: `off`, `lz4`, `zstd` or `zstd:LEVEL`.
    public static final String COMPRESS = TreeSettings.COMPRESS;

    private static final List<String> KNOWN =
            List.of(COMMENT, COMPRESS, POLICY, QUOTA, INODE_QUOTA, READ_ONLY);

    private Property() {}

    /// Whether a hold is among the properties of a subvolume or snapshot.
    public static boolean isHeld(Map<String, ?> properties) {
        return properties.keySet().stream().anyMatch(name -> name.startsWith(HOLD_PREFIX));
    }

    /// Whether a property says what may be written to a subvolume.
    public static boolean limits(String name) {
        return Limits.isLimit(name);
    }

    /// @throws RequestException `INVALID` when there can be no such property that a person sets
    public static void requireSettable(String name) throws RequestException {
        if (name.startsWith(HOLD_PREFIX)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + name + "' is a hold: 'cowfs hold' and 'cowfs release' change it");
        }
        if (name.startsWith(Purges.LOG_PREFIX)) {
            throw new RequestException(
                    ErrorKind.INVALID, "'" + name + "' tells of a purge: nobody sets it");
        }
        if (name.startsWith(TreeCopies.NOTE_PREFIX)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + name + "' tells of a copy that is being made: nobody sets it");
        }
        if (!PropertyItem.isName(name) || (name.indexOf(':') < 0 && !KNOWN.contains(name))) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "no property '"
                            + name
                            + "': there are "
                            + String.join(", ", KNOWN)
                            + "; your own have a colon, such as backup:keep, out of a-z 0-9 . _ : -, at"
                            + " most "
                            + PropertyItem.MAX_NAME_BYTES
                            + " characters");
        }
    }

    /// @throws RequestException `INVALID` when it says something of writing to a subvolume, or of
    ///   its snapshots, and `ref` is a snapshot: it would be kept, and mean nothing
    public static void requireEffect(Ref ref, String name) throws RequestException {
        if (ref.isSnapshot() && (limits(name) || name.equals(POLICY) || name.equals(COMPRESS))) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'"
                            + name
                            + "' has no effect on a snapshot such as '"
                            + ref
                            + "': set it on a subvolume");
        }
    }

    /// @param value null to take it away
    /// @throws RequestException `INVALID` when files have no such property, or not that value
    public static void requireOfFile(String name, @Nullable String value) throws RequestException {
        if (!name.equals(COMPRESS)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "a file has no property '" + name + "' of its own: there is " + COMPRESS);
        }
        if (value != null) {
            requireValue(name, value);
        }
    }

    /// @throws RequestException `INVALID` when it is no value of a property
    public static void requireValue(String name, String value) throws RequestException {
        if (!PropertyItem.isValue(value)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "the value of '"
                            + name
                            + "' is too long or holds NUL; at most "
                            + PropertyItem.MAX_VALUE_BYTES
                            + " bytes fit");
        }
        if ((name.equals(QUOTA) || name.equals(INODE_QUOTA)) && !Limits.isNumber(value)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + value + "' can be no " + name + ": a number from 1 to 2^62 can");
        }
        if (name.equals(COMPRESS) && Compression.parse(value) == null) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'"
                            + value
                            + "' is no value of compress: off, lz4, zstd and zstd:1 to zstd:"
                            + Compression.MAX_LEVEL
                            + " are");
        }
        if (name.equals(READ_ONLY) && !value.equals(Limits.ON) && !value.equals("off")) {
            throw new RequestException(
                    ErrorKind.INVALID, "'" + value + "' is no value of readonly: on and off are");
        }
    }

    /// @throws RequestException `INVALID` when it can be no tag of a hold
    public static void requireTag(String tag) throws RequestException {
        hold(tag);
    }

    /// The property that holds something under a tag.
    ///
    /// @throws RequestException `INVALID` when it is no tag
    static String hold(String tag) throws RequestException {
        String name = HOLD_PREFIX + tag;
        if (tag.isEmpty() || !PropertyItem.isName(name)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'"
                            + tag
                            + "' can be no tag of a hold: 1 to "
                            + (PropertyItem.MAX_NAME_BYTES - HOLD_PREFIX.length())
                            + " characters out of a-z 0-9 . _ : - can");
        }
        return name;
    }
}
