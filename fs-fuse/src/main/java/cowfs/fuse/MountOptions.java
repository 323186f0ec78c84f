package cowfs.fuse;

import com.sun.security.auth.module.UnixSystem;
import cowfs.fuse.kernel.ChannelKind;
import cowfs.fuse.kernel.KernelOptions;

/// How to mount.
///
/// @param source what `mount` and `df` show as the source: the image
/// @param readOnly whether nothing can be changed; snapshots and pools opened for reading are so
///   anyway
/// @param allowOther whether other users than the one who mounts get in; their permissions are
///   checked in any case. Ordinary users need `user_allow_other` in `/etc/fuse.conf` for it
/// @param trusted whether device nodes and set-user-id bits count, as on any filesystem that root
///   mounts
/// @param threadCount how many threads serve requests at most
/// @param transport the way to the kernel
/// @param writeback whether the kernel may gather what programs write before it hands it over; only
///   the transport `kernel` can
/// @param channel which way requests are wanted to come, with the transport `kernel`
public record MountOptions(
        String source,
        boolean readOnly,
        boolean allowOther,
        boolean trusted,
        int threadCount,
        Transport transport,
        boolean writeback,
        ChannelKind channel) {
    private static final int MIN_THREADS = 4;
    private static final int MAX_THREADS = 16;

    public MountOptions {
        if (threadCount < 1) {
            throw new IllegalArgumentException("threadCount: " + threadCount);
        }
    }

    /// The defaults: for everybody when root mounts, for oneself otherwise.
    public static MountOptions of(String source) {
        int threads =
                Math.clamp(
                        2L * Runtime.getRuntime().availableProcessors(), MIN_THREADS, MAX_THREADS);
        boolean root = isRoot();
        return new MountOptions(
                source, false, root, root, threads, Transport.KERNEL, true, ChannelKind.AUTO);
    }

    public MountOptions withReadOnly(boolean newReadOnly) {
        return new MountOptions(
                source,
                newReadOnly,
                allowOther,
                trusted,
                threadCount,
                transport,
                writeback,
                channel);
    }

    public MountOptions withAllowOther(boolean newAllowOther) {
        return new MountOptions(
                source,
                readOnly,
                newAllowOther,
                trusted,
                threadCount,
                transport,
                writeback,
                channel);
    }

    public MountOptions withThreadCount(int newThreadCount) {
        return new MountOptions(
                source,
                readOnly,
                allowOther,
                trusted,
                newThreadCount,
                transport,
                writeback,
                channel);
    }

    public MountOptions withTransport(Transport newTransport) {
        return new MountOptions(
                source,
                readOnly,
                allowOther,
                trusted,
                threadCount,
                newTransport,
                writeback,
                channel);
    }

    public MountOptions withWriteback(boolean newWriteback) {
        return new MountOptions(
                source,
                readOnly,
                allowOther,
                trusted,
                threadCount,
                transport,
                newWriteback,
                channel);
    }

    public MountOptions withChannel(ChannelKind newChannel) {
        return new MountOptions(
                source,
                readOnly,
                allowOther,
                trusted,
                threadCount,
                transport,
                writeback,
                newChannel);
    }

    /// Whether this process may do everything.
    static boolean isRoot() {
        return new UnixSystem().getUid() == 0;
    }

    /// For the transport `kernel`.
    KernelOptions toKernelOptions(boolean mustBeReadOnly) {
        return new KernelOptions(
                source,
                readOnly || mustBeReadOnly,
                allowOther,
                trusted,
                writeback,
                threadCount,
                channel);
    }

    /// The text after `-o`, for the transport `jnr`.
    String toOptionText(boolean mustBeReadOnly) {
        StringBuilder text = new StringBuilder("default_permissions,subtype=cowfs,fsname=");
        text.append(source.replace("\\", "\\\\").replace(",", "\\,"));
        if (readOnly || mustBeReadOnly) {
            text.append(",ro");
        }
        if (allowOther) {
            text.append(",allow_other");
        }
        if (trusted) {
            text.append(",suid,dev");
        }
        return text.toString();
    }
}
