package cowfs.fuse.kernel;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.fuse.kernel.ReplyFormat.Init;
import java.lang.foreign.MemorySegment;

/// What this side and the kernel have agreed on in the first request of a connection.
///
/// @param minor of protocol 7: the lower one of both sides'
/// @param readaheadBytes how far the kernel reads ahead
/// @param flags the features that both have; bits of {@link InitFlag}
/// @param maxWriteBytes the largest request that carries data
record Negotiation(int minor, int readaheadBytes, long flags, int maxWriteBytes) {
    static final int MAJOR = 7;

    /// Linux 5.4. Everything that has come since is negotiated by flags.
    static final int MIN_MINOR = 31;

    /// The newest protocol whose structures are declared here.
    static final int MAX_MINOR = 45;

    static final int PAGE_BYTES = 4096;

    private static final int MAX_WRITE_BYTES = 1 << 20;
    private static final int WANTED_READAHEAD_BYTES = 1 << 20;
    private static final int OLD_MAX_PAGES = 32;

    /// Any number of background requests: the barrier relies on it (the kernel may allow fewer to
    /// who has no privileges).
    private static final int MAX_BACKGROUND = 65535;

    private static final long LOW_BITS = 0xFFFF_FFFFL;
    private static final int HIGH_SHIFT = 32;

    /// Answers a kernel of this major version.
    ///
    /// @param offered the flags that the kernel knows
    /// @param wanted the flags that this mount would like
    /// @throws RequestException `UNSUPPORTED` when the kernel is too old
    static Negotiation of(int kernelMinor, int kernelReadaheadBytes, long offered, long wanted)
            throws RequestException {
        if (kernelMinor < MIN_MINOR) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "the kernel speaks FUSE 7."
                            + kernelMinor
                            + ", and 7."
                            + MIN_MINOR
                            + " (Linux 5.4) is needed; mount with --transport jnr");
        }
        long flags = offered & wanted;
        if (InitFlag.POSIX_ACL.isIn(wanted & ~offered)) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "the kernel does not check access control lists; mount with --transport jnr, which hides them");
        }
        int maxWrite =
                InitFlag.MAX_PAGES.isIn(flags) ? MAX_WRITE_BYTES : OLD_MAX_PAGES * PAGE_BYTES;
        return new Negotiation(
                Math.min(kernelMinor, MAX_MINOR),
                Math.max(kernelReadaheadBytes, WANTED_READAHEAD_BYTES),
                flags,
                maxWrite);
    }

    boolean has(InitFlag flag) {
        return flag.isIn(flags);
    }

    /// Writes `fuse_init_out`.
    void putReply(MemorySegment reply) {
        reply.fill((byte) 0);
        Init.MAJOR.set(reply, 0, MAJOR);
        Init.MINOR.set(reply, 0, minor);
        Init.MAX_READAHEAD.set(reply, 0, readaheadBytes);
        Init.FLAGS.set(reply, 0, (int) (flags & LOW_BITS));
        Init.FLAGS_HIGH.set(reply, 0, (int) (flags >>> HIGH_SHIFT));
        Init.MAX_BACKGROUND.set(reply, 0, MAX_BACKGROUND);
        Init.CONGESTION_THRESHOLD.set(reply, 0, MAX_BACKGROUND);
        Init.MAX_WRITE.set(reply, 0, maxWriteBytes);
        Init.TIME_GRANULARITY.set(reply, 0, 1);
        Init.MAX_PAGES.set(reply, 0, maxWriteBytes / PAGE_BYTES);
    }
}
