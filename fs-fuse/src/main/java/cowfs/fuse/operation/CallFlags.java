package cowfs.fuse.operation;

import cowfs.file.Volume.AllocateMode;
import cowfs.file.Volume.XattrMode;

/// The flags of system calls that reach a filesystem as programs have given them.
public final class CallFlags {
    // sys/xattr.h
    private static final int XATTR_CREATE = 1;
    private static final int XATTR_REPLACE = 2;

    // linux/falloc.h
    private static final int KEEP_SIZE = 0x01;
    private static final int PUNCH_HOLE = 0x02;
    private static final int ZERO_RANGE = 0x10;

    private CallFlags() {}

    /// What the flags of `setxattr(2)` ask for.
    ///
    /// @throws ErrnoException `EINVAL` for others
    public static XattrMode xattrMode(int flags) throws ErrnoException {
        return switch (flags) {
            case 0 -> XattrMode.CREATE_OR_REPLACE;
            case XATTR_CREATE -> XattrMode.CREATE;
            case XATTR_REPLACE -> XattrMode.REPLACE;
            default -> throw new ErrnoException(Errno.EINVAL, "no such setxattr flags: " + flags);
        };
    }

    /// What the mode of `fallocate(2)` asks for.
    ///
    /// @throws ErrnoException `EOPNOTSUPP` for modes that are not offered
    public static AllocateMode allocateMode(int mode) throws ErrnoException {
        return switch (mode) {
            case 0 -> AllocateMode.ALLOCATE;
            case KEEP_SIZE -> AllocateMode.ALLOCATE_KEEP_SIZE;
            case PUNCH_HOLE | KEEP_SIZE -> AllocateMode.PUNCH_HOLE;
            case ZERO_RANGE -> AllocateMode.ZERO_RANGE;
            case ZERO_RANGE | KEEP_SIZE -> AllocateMode.ZERO_RANGE_KEEP_SIZE;
            default -> throw new ErrnoException(Errno.EOPNOTSUPP, "no such fallocate mode");
        };
    }
}
