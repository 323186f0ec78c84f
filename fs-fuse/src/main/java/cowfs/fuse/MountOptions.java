package cowfs.fuse;

import com.sun.security.auth.module.UnixSystem;

/// How to mount.
///
/// @param source what `mount` and `df` show as the source: the image
/// @param readOnly whether nothing can be changed; snapshots and pools opened for reading are so
///   anyway
/// @param allowOther whether other users than the one who mounts get in; their permissions are
///   checked in any case. Ordinary users need `user_allow_other` in `/etc/fuse.conf` for it
/// @param trusted whether device nodes and set-user-id bits count, as on any filesystem that root
///   mounts
/// @param threadCount how many threads serve requests
public record MountOptions(
        String source, boolean readOnly, boolean allowOther, boolean trusted, int threadCount) {
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
        return new MountOptions(source, false, root, root, threads);
    }

    public MountOptions withReadOnly(boolean newReadOnly) {
        return new MountOptions(source, newReadOnly, allowOther, trusted, threadCount);
    }

    public MountOptions withAllowOther(boolean newAllowOther) {
        return new MountOptions(source, readOnly, newAllowOther, trusted, threadCount);
    }

    public MountOptions withThreadCount(int newThreadCount) {
        return new MountOptions(source, readOnly, allowOther, trusted, newThreadCount);
    }

    /// Whether this process may do everything.
    static boolean isRoot() {
        return new UnixSystem().getUid() == 0;
    }

    /// The text after `-o`.
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
