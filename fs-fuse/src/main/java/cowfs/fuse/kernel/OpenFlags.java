package cowfs.fuse.kernel;

import cowfs.file.SetIdBits;
import cowfs.fuse.operation.Opening;

/// The flags of `open(2)` as requests carry them, and those that the kernel is answered.
final class OpenFlags {
    /// The pages of the file that the kernel has are still good.
    static final int KEEP_CACHE = 1 << 1;

    /// The kernel may keep the listing.
    static final int CACHE_DIRECTORY = 1 << 3;

    // asm-generic/fcntl.h
    private static final int ACCESS_MODE = 3;
    private static final int O_EXCL = 0200;
    private static final int O_TRUNC = 01000;
    private static final int O_APPEND = 02000;

    /// FUSE_OPEN_KILL_SUIDGID
    private static final int CLEAR_SET_IDS = 1;

    private OpenFlags() {}

    static SetIdBits bits(boolean cleared) {
        return cleared ? SetIdBits.CLEAR : SetIdBits.KEEP;
    }

    static boolean forWriting(int flags) {
        return (flags & ACCESS_MODE) != 0;
    }

    static boolean mustBeNew(int flags) {
        return (flags & O_EXCL) != 0;
    }

    /// @param extra the flags of the protocol itself
    static Opening opening(int flags, int extra) {
        return new Opening(
                forWriting(flags),
                (flags & O_APPEND) != 0,
                (flags & O_TRUNC) != 0,
                bits((extra & CLEAR_SET_IDS) != 0));
    }
}
