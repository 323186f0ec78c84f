package cowfs.txn;

import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.error.SizeText;

/// What a subvolume may become.
///
/// @param maxBytes of its files and metadata, as `du` has them as referenced; {@link #NONE}
/// @param maxInodes how many files, directories and other inodes; {@link #NONE}
/// @param readOnly whether it takes no changes at all for now
public record TreeLimits(long maxBytes, long maxInodes, boolean readOnly) {
    /// No limit.
    public static final long NONE = Long.MAX_VALUE;

    public static final TreeLimits UNLIMITED = new TreeLimits(NONE, NONE, false);

    /// Refuses what would make a tree larger than it may be. What lets it get smaller, or stay as
    /// it is, is not refused where it is too large already.
    ///
    /// @param bytes that it has, and `moreBytes` that a change adds, which may be negative
    /// @throws RequestException `QUOTA`
    void require(String name, long bytes, long moreBytes, long inodes, long moreInodes)
            throws RequestException {
        if (moreBytes > 0 && bytes > maxBytes - moreBytes) {
            throw refused(name, SizeText.exact(maxBytes));
        }
        if (moreInodes > 0 && inodes > maxInodes - moreInodes) {
            throw refused(
                    name, CountText.of(maxInodes, "file or directory", "files and directories"));
        }
    }

    private static RequestException refused(String name, String most) {
        return new RequestException(
                ErrorKind.QUOTA,
                "'"
                        + name
                        + "' would have more than its quota of "
                        + most
                        + ": remove some, or raise it");
    }

    public boolean limitsBytes() {
        return maxBytes != NONE;
    }

    public boolean limitsInodes() {
        return maxInodes != NONE;
    }
}
