package cowfs.file;

/// What `chattr` sets and `lsattr` shows of an inode, with the numbers of `FS_IOC_GETFLAGS`
/// (`FS_*_FL`), which are also those in the image.
///
/// - `IMMUTABLE`: nothing of the inode changes but its flags, it gets no other name and loses none;
///   in a directory no names come and go.
/// - `APPEND`: content is only added and never taken away, names of the inode stay; in a directory
///   names come and don't go.
/// - `NO_DUMP` is for backup programs; `NO_ATIME` is always so.
///
/// {@link Volume#write} alone does not look at them: a kernel hands over later what was written
/// before. Who opens a file for writing does.
public final class InodeFlags {
    public static final int IMMUTABLE = 0x10;
    public static final int APPEND = 0x20;
    public static final int NO_DUMP = 0x40;
    public static final int NO_ATIME = 0x80;

    /// All that there are.
    public static final int ALL = IMMUTABLE | APPEND | NO_DUMP | NO_ATIME;

    private InodeFlags() {}

    /// Whether names and attributes of an inode with these flags are fixed.
    public static boolean isFixed(int flags) {
        return (flags & (IMMUTABLE | APPEND)) != 0;
    }
}
