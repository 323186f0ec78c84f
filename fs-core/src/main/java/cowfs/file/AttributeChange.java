package cowfs.file;

import org.jspecify.annotations.Nullable;

/// Which attributes of an inode to set; null leaves one as it is. The change time always becomes
/// now, and a changed size sets the modification time too unless one is given.
///
/// @param mode permission bits (`07777`); type bits are ignored
/// @param sizeBytes new length of a regular file: bytes beyond it are gone, bytes up to it read as
///   zero
public record AttributeChange(
        @Nullable Integer mode,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long sizeBytes,
        @Nullable Timestamp accessed,
        @Nullable Timestamp modified) {
    /// Changes nothing.
    public static final AttributeChange NONE =
            new AttributeChange(null, null, null, null, null, null);

    public static AttributeChange ofMode(int mode) {
        return new AttributeChange(mode, null, null, null, null, null);
    }

    public static AttributeChange ofOwner(@Nullable Integer uid, @Nullable Integer gid) {
        return new AttributeChange(null, uid, gid, null, null, null);
    }

    public static AttributeChange ofSize(long sizeBytes) {
        return new AttributeChange(null, null, null, sizeBytes, null, null);
    }

    public static AttributeChange ofTimes(
            @Nullable Timestamp accessed, @Nullable Timestamp modified) {
        return new AttributeChange(null, null, null, null, accessed, modified);
    }
}
