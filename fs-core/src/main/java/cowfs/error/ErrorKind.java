package cowfs.error;

/// What kind of failure a {@link CowException} is. The FUSE adapter maps each kind to one errno and
/// the command to one exit code, both with an exhaustive `switch`.
public enum ErrorKind {
    /// Bytes on the device are not what the pointer to them promises (EIO).
    CORRUPT,
    /// The file or device holds no cowfs superblock.
    NOT_AN_IMAGE,
    /// The image needs a newer cowfs: its version or an incompat feature bit is unknown.
    TOO_NEW,
    /// The image is open for writing elsewhere, or a mount point is busy (EBUSY).
    BUSY,
    /// An earlier write or flush failed and the pool is latched read-only until it is reopened
    /// (EIO).
    POOL_FAILED,
    /// The device failed to read or write (EIO).
    IO,
    /// A change was asked of something that is read-only (EROFS).
    READ_ONLY,
    /// No such file, subvolume or snapshot (ENOENT).
    NOT_FOUND,
    /// The name is taken (EEXIST).
    EXISTS,
    /// A directory was needed (ENOTDIR).
    NOT_A_DIRECTORY,
    /// A directory was not wanted (EISDIR).
    IS_A_DIRECTORY,
    /// The directory has entries (ENOTEMPTY).
    NOT_EMPTY,
    /// The name is longer than 255 bytes (ENAMETOOLONG).
    NAME_TOO_LONG,
    /// An argument makes no sense here (EINVAL).
    INVALID,
    /// No space left in the image (ENOSPC).
    NO_SPACE,
    /// The subvolume has as much as it may have (EDQUOT).
    QUOTA,
    /// The extended attribute does not exist (ENODATA).
    NO_ATTRIBUTE,
    /// The attribute value is larger than the format can hold (E2BIG).
    ATTRIBUTE_TOO_LARGE,
    /// The file would be larger than the format can hold (EFBIG).
    FILE_TOO_LARGE,
    /// The inode has as many hard links as the format can count (EMLINK).
    TOO_MANY_LINKS,
    /// Not allowed whoever asks, such as a hard link to a directory (EPERM).
    NOT_PERMITTED,
    /// There is no data (or no hole) at or after the offset (ENXIO).
    NO_SUCH_OFFSET,
    /// What was opened has been replaced by something else; open it again (ESTALE).
    STALE,
    /// The operation is not offered (EOPNOTSUPP).
    UNSUPPORTED
}
