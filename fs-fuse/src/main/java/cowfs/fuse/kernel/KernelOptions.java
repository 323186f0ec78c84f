package cowfs.fuse.kernel;

/// How to mount, and how a mount speaks with the kernel.
///
/// @param source what `mount` and `df` show as the source
/// @param readOnly whether nothing can be written through it
/// @param allowOther whether other users than the one who mounts get in
/// @param trusted whether device nodes and set-id bits count
/// @param writeback whether the kernel gathers what programs write before it hands it over
/// @param threadCount how many threads serve requests at most
/// @param channel which way requests are wanted to come
public record KernelOptions(
        String source,
        boolean readOnly,
        boolean allowOther,
        boolean trusted,
        boolean writeback,
        int threadCount,
        ChannelKind channel) {
    /// The features that are asked for.
    long wantedFlags() {
        long always =
                InitFlag.of(
                        InitFlag.ASYNC_READ,
                        InitFlag.EXPORT_SUPPORT,
                        InitFlag.BIG_WRITES,
                        InitFlag.DO_READDIRPLUS,
                        InitFlag.READDIRPLUS_AUTO,
                        InitFlag.ASYNC_DIO,
                        InitFlag.DONT_MASK,
                        InitFlag.PARALLEL_DIROPS,
                        InitFlag.POSIX_ACL,
                        InitFlag.ABORT_ERROR,
                        InitFlag.MAX_PAGES,
                        InitFlag.CACHE_SYMLINKS,
                        InitFlag.EXPLICIT_INVAL_DATA,
                        InitFlag.HANDLE_KILLPRIV_V2,
                        InitFlag.SETXATTR_EXT,
                        InitFlag.INIT_EXT);
        if (readOnly) {
            return always;
        }
        long writable = always | InitFlag.ATOMIC_O_TRUNC.bit();
        return writeback ? writable | InitFlag.WRITEBACK_CACHE.bit() : writable;
    }

    /// Whether the kernel is told that OPEN is not needed. Where something can be written it is:
    /// the kernel does not know which files belong to snapshots, and would take writes to them that
    /// it can only lose.
    boolean answersOpen() {
        return !readOnly;
    }
}
