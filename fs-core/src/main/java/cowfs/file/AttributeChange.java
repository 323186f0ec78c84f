package cowfs.file;

import org.jspecify.annotations.Nullable;

/// Which attributes of an inode to set; null leaves one as it is. The change time always becomes
/// now, and a size sets the modification time too unless one is given, also when it was that size
/// already: opening an empty file with `O_TRUNC` is to move its times.
///
/// @param mode permission bits (`07777`); type bits are ignored
/// @param sizeBytes new length of a regular file: bytes beyond it are gone, bytes up to it read as
///   zero
/// @param bits what becomes of the set-id bits; a given mode counts after that. A new size, owner
///   or group takes the capabilities of a file away as well, see {@link Volume#write}
public record AttributeChange(
        @Nullable Integer mode,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long sizeBytes,
        @Nullable Timestamp accessed,
        @Nullable Timestamp modified,
        SetIdBits bits,
        @Nullable Integer flags) {
    /// Changes nothing.
    public static final AttributeChange NONE =
            new AttributeChange(null, null, null, null, null, null);

    /// Leaves the set-id bits as they are.
    public AttributeChange(
            @Nullable Integer mode,
            @Nullable Integer uid,
            @Nullable Integer gid,
            @Nullable Long sizeBytes,
            @Nullable Timestamp accessed,
            @Nullable Timestamp modified) {
        this(mode, uid, gid, sizeBytes, accessed, modified, SetIdBits.KEEP, null);
    }

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

    /// The same with other treatment of the set-id bits.
    public AttributeChange with(SetIdBits newBits) {
        return new AttributeChange(mode, uid, gid, sizeBytes, accessed, modified, newBits, flags);
    }

    public static AttributeChange ofFlags(int flags) {
        return new AttributeChange(null, null, null, null, null, null, SetIdBits.KEEP, flags);
    }
}
