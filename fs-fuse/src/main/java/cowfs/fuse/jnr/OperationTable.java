package cowfs.fuse.jnr;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/// A `struct fuse_lowlevel_ops` in native memory, filled with Java functions. What is not set is answered by
/// libfuse with `ENOSYS`, which the kernel takes for "never ask again".
///
/// Must be reachable for as long as the session lives.
final class OperationTable {
    private static final int POINTER_BYTES = 8;

    /// The fields, in the order of `fuse_lowlevel.h` of libfuse 2.9.
    enum Field {
        INIT,
        DESTROY,
        LOOKUP,
        FORGET,
        GETATTR,
        SETATTR,
        READLINK,
        MKNOD,
        MKDIR,
        UNLINK,
        RMDIR,
        SYMLINK,
        RENAME,
        LINK,
        OPEN,
        READ,
        WRITE,
        FLUSH,
        RELEASE,
        FSYNC,
        OPENDIR,
        READDIR,
        RELEASEDIR,
        FSYNCDIR,
        STATFS,
        SETXATTR,
        GETXATTR,
        LISTXATTR,
        REMOVEXATTR,
        ACCESS,
        CREATE,
        GETLK,
        SETLK,
        BMAP,
        IOCTL,
        POLL,
        WRITE_BUF,
        RETRIEVE_REPLY,
        FORGET_MULTI,
        FLOCK,
        FALLOCATE
    }

    static final int SIZE_BYTES = Field.values().length * POINTER_BYTES;

    private final Runtime runtime = Runtime.getSystemRuntime();
    private final Pointer memory = Memory.allocateDirect(runtime, SIZE_BYTES, true);

    /// The native entry points, and through them the functions, must outlive the session.
    private final List<Object> anchors = new ArrayList<>();

    <T> void set(Field field, Class<T> shape, T function) {
        Pointer entryPoint = runtime.getClosureManager().getClosurePointer(shape, function);
        anchors.add(function);
        anchors.add(entryPoint);
        memory.putPointer((long) field.ordinal() * POINTER_BYTES, entryPoint);
    }

    long address() {
        return memory.address();
    }
}
