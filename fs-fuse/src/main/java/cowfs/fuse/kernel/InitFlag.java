package cowfs.fuse.kernel;

/// Features of the protocol that both sides must have, by their bit in the INIT request and reply.
enum InitFlag {
    ASYNC_READ(0),
    /// O_TRUNC comes with OPEN, not as a SETATTR after it.
    ATOMIC_O_TRUNC(3),
    /// Lookups of `.` and `..`, which make file handles for NFS.
    EXPORT_SUPPORT(4),
    BIG_WRITES(5),
    /// The umask is applied on this side, which alone knows default access control lists.
    DONT_MASK(6),
    DO_READDIRPLUS(13),
    /// READDIRPLUS only for as long as its attributes are used.
    READDIRPLUS_AUTO(14),
    ASYNC_DIO(15),
    WRITEBACK_CACHE(16),
    PARALLEL_DIROPS(18),
    POSIX_ACL(20),
    ABORT_ERROR(21),
    MAX_PAGES(22),
    CACHE_SYMLINKS(23),
    /// Pages stay in the kernel's cache when attributes change: nobody else writes.
    EXPLICIT_INVAL_DATA(25),
    /// This side clears set-id bits and capabilities; a write then asks for no attribute first.
    HANDLE_KILLPRIV_V2(28),
    SETXATTR_EXT(29),
    INIT_EXT(30),
    OVER_IO_URING(41);

    private final long bit;

    InitFlag(int number) {
        this.bit = 1L << number;
    }

    long bit() {
        return bit;
    }

    boolean isIn(long flags) {
        return (flags & bit) != 0;
    }

    /// The set of some flags.
    static long of(InitFlag... some) {
        long flags = 0;
        for (InitFlag flag : some) {
            flags |= flag.bit;
        }
        return flags;
    }
}
