package cowfs.txn;

/// What a subvolume may become.
///
/// @param maxBytes of its files and metadata, as `du` has them as referenced; {@link #NONE}
/// @param maxInodes how many files, directories and other inodes; {@link #NONE}
/// @param readOnly whether it takes no changes at all for now
public record TreeLimits(long maxBytes, long maxInodes, boolean readOnly) {
    /// No limit.
    public static final long NONE = Long.MAX_VALUE;

    public static final TreeLimits UNLIMITED = new TreeLimits(NONE, NONE, false);

    public boolean limitsBytes() {
        return maxBytes != NONE;
    }

    public boolean limitsInodes() {
        return maxInodes != NONE;
    }
}
