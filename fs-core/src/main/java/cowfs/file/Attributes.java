package cowfs.file;

/// The attributes of an inode, as `stat` shows them.
///
/// @param inode number within its subvolume; the root directory has {@link Volume#ROOT_INODE}
/// @param mode file type and permission bits (`S_IFMT | 07777`)
/// @param linkCount hard links; for a directory 2 plus its subdirectories
/// @param sizeBytes of a file its length, of a symlink that of its target, of a directory the
///   number of entries
/// @param blockCount allocated space in units of 512 bytes
/// @param device device number of a device node (as in the kernel's `makedev`), else 0
/// @param born when the inode was made: the birth time of `statx`
/// @param flags see {@link InodeFlags}
public record Attributes(
        long inode,
        int mode,
        int linkCount,
        int uid,
        int gid,
        long sizeBytes,
        long blockCount,
        long device,
        Timestamp accessed,
        Timestamp modified,
        Timestamp changed,
        Timestamp born,
        int flags) {
    public static final int TYPE_MASK = 0170000;
    public static final int SOCKET = 0140000;
    public static final int SYMLINK = 0120000;
    public static final int REGULAR = 0100000;
    public static final int BLOCK_DEVICE = 0060000;
    public static final int DIRECTORY = 0040000;
    public static final int CHARACTER_DEVICE = 0020000;
    public static final int FIFO = 0010000;

    /// An inode without flags.
    public Attributes(
            long inode,
            int mode,
            int linkCount,
            int uid,
            int gid,
            long sizeBytes,
            long blockCount,
            long device,
            Timestamp accessed,
            Timestamp modified,
            Timestamp changed,
            Timestamp born) {
        this(
                inode,
                mode,
                linkCount,
                uid,
                gid,
                sizeBytes,
                blockCount,
                device,
                accessed,
                modified,
                changed,
                born,
                0);
    }

    /// The file type bits alone.
    public int type() {
        return mode & TYPE_MASK;
    }

    public boolean isDirectory() {
        return type() == DIRECTORY;
    }

    public boolean isRegular() {
        return type() == REGULAR;
    }

    public boolean isSymlink() {
        return type() == SYMLINK;
    }
}
