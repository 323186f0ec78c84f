package cowfs.fuse.jnr;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.IgnoreError;
import jnr.ffi.types.size_t;

/// The part of libfuse 2's low-level interface (`fuse_lowlevel.h`) that a mount needs. Addresses
/// are `long`s.
public interface LowLevelLibrary {
    /// Mounts, and returns a channel, or 0 when that failed; the reason then stands on stderr.
    long fuse_mount(String mountPoint, long arguments);

    void fuse_unmount(String mountPoint, long channel);

    void fuse_opt_free_args(long arguments);

    long fuse_lowlevel_new(long arguments, long operations, @size_t long size, long user);

    void fuse_session_add_chan(long session, long channel);

    void fuse_session_remove_chan(long channel);

    /// Reads requests and calls their handlers until the kernel ends the connection.
    int fuse_session_loop(long session);

    void fuse_session_destroy(long session);

    @IgnoreError
    long fuse_req_ctx(long request);

    @IgnoreError
    int fuse_reply_err(long request, int errno);

    @IgnoreError
    void fuse_reply_none(long request);

    @IgnoreError
    int fuse_reply_entry(long request, long entry);

    @IgnoreError
    int fuse_reply_create(long request, long entry, long fileInfo);

    @IgnoreError
    int fuse_reply_attr(long request, long stat, double seconds);

    @IgnoreError
    int fuse_reply_readlink(long request, long target);

    @IgnoreError
    int fuse_reply_open(long request, long fileInfo);

    @IgnoreError
    int fuse_reply_write(long request, @size_t long count);

    @IgnoreError
    int fuse_reply_buf(long request, long buffer, @size_t long size);

    @IgnoreError
    int fuse_reply_statfs(long request, long statvfs);

    @IgnoreError
    int fuse_reply_xattr(long request, @size_t long count);

    /// Loads the library of this platform.
    static LowLevelLibrary load() throws RequestException {
        return load("libfuse.so.2");
    }

    /// Loads a library by the name of its file.
    static LowLevelLibrary load(String file) throws RequestException {
        try {
            return LibraryLoader.create(LowLevelLibrary.class).failImmediately().load(file);
        } catch (UnsatisfiedLinkError e) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "libfuse 2 is not installed ("
                            + file
                            + " not found); run: apt-get install libfuse2 (libfuse2t64 from Debian 13 on)",
                    e);
        }
    }
}
