package cowfs.fuse.jnr;

import jnr.ffi.annotations.Delegate;
import jnr.ffi.types.mode_t;
import jnr.ffi.types.off_t;
import jnr.ffi.types.size_t;

/// The shapes of the functions in `struct fuse_lowlevel_ops`, one for each parameter list. Pointers
/// are addresses.
public interface Callbacks {
    /// `forget`.
    @FunctionalInterface
    interface Forget {
        @Delegate
        void call(long request, long node, long count);
    }

    /// `forget_multi`.
    @FunctionalInterface
    interface ForgetMany {
        @Delegate
        void call(long request, @size_t long count, long forgets);
    }

    /// `readlink`, `statfs`.
    @FunctionalInterface
    interface OnNode {
        @Delegate
        void call(long request, long node);
    }

    /// `lookup`, `unlink`, `rmdir`: a directory and a name; `removexattr`: a node and a name;
    /// `getattr`, `open`, `release`, `opendir`: a node and the file information.
    @FunctionalInterface
    interface OnNodeAndPointer {
        @Delegate
        void call(long request, long node, long pointer);
    }

    /// `setattr`.
    @FunctionalInterface
    interface SetAttributes {
        @Delegate
        void call(long request, long node, long stat, int which, long fileInfo);
    }

    /// `mknod`.
    @FunctionalInterface
    interface MakeNode {
        @Delegate
        void call(long request, long parent, long name, @mode_t int mode, long device);
    }

    /// `mkdir`.
    @FunctionalInterface
    interface MakeDirectory {
        @Delegate
        void call(long request, long parent, long name, @mode_t int mode);
    }

    /// `create`.
    @FunctionalInterface
    interface Create {
        @Delegate
        void call(long request, long parent, long name, @mode_t int mode, long fileInfo);
    }

    /// `symlink`.
    @FunctionalInterface
    interface Symlink {
        @Delegate
        void call(long request, long target, long parent, long name);
    }

    /// `rename`.
    @FunctionalInterface
    interface Rename {
        @Delegate
        void call(long request, long parent, long name, long newParent, long newName);
    }

    /// `link`.
    @FunctionalInterface
    interface Link {
        @Delegate
        void call(long request, long node, long newParent, long newName);
    }

    /// `read`, `readdir`.
    @FunctionalInterface
    interface Read {
        @Delegate
        void call(long request, long node, @size_t long size, @off_t long offset, long fileInfo);
    }

    /// `write`.
    @FunctionalInterface
    interface Write {
        @Delegate
        void call(
                long request,
                long node,
                long bytes,
                @size_t long size,
                @off_t long offset,
                long fileInfo);
    }

    /// `fsync`, `fsyncdir`.
    @FunctionalInterface
    interface Sync {
        @Delegate
        void call(long request, long node, int dataOnly, long fileInfo);
    }

    /// `setxattr`.
    @FunctionalInterface
    interface SetXattr {
        @Delegate
        void call(long request, long node, long name, long value, @size_t long size, int flags);
    }

    /// `getxattr`.
    @FunctionalInterface
    interface GetXattr {
        @Delegate
        void call(long request, long node, long name, @size_t long size);
    }

    /// `listxattr`.
    @FunctionalInterface
    interface ListXattrs {
        @Delegate
        void call(long request, long node, @size_t long size);
    }

    /// `fallocate`.
    @FunctionalInterface
    interface Allocate {
        @Delegate
        void call(
                long request,
                long node,
                int mode,
                @off_t long offset,
                @off_t long length,
                long fileInfo);
    }
}
