package cowfs.fuse.jnr;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/// A `struct fuse_lowlevel_ops` in native memory, filled with Java functions. What is not set is
/// answered by libfuse with `ENOSYS`, which the kernel takes for "never ask again".
///
/// Must be reachable for as long as the session lives.
final class OperationTable {
    private static final int POINTER_BYTES = 8;

    /// The fields that are used, with their places in `fuse_lowlevel.h` of libfuse 2.9.
    enum Field {
        LOOKUP(2),
        FORGET(3),
        GETATTR(4),
        SETATTR(5),
        READLINK(6),
        MKNOD(7),
        MKDIR(8),
        UNLINK(9),
        RMDIR(10),
        SYMLINK(11),
        RENAME(12),
        LINK(13),
        OPEN(14),
        READ(15),
        WRITE(16),
        RELEASE(18),
        FSYNC(19),
        READDIR(21),
        FSYNCDIR(23),
        STATFS(24),
        SETXATTR(25),
        GETXATTR(26),
        LISTXATTR(27),
        REMOVEXATTR(28),
        CREATE(30),
        FORGET_MULTI(38),
        FALLOCATE(40);

        private final int index;

        Field(int index) {
            this.index = index;
        }
    }

    private static final int FIELD_COUNT = 41;

    static final int SIZE_BYTES = FIELD_COUNT * POINTER_BYTES;

    private final Runtime runtime = Runtime.getSystemRuntime();
    private final Pointer memory = Memory.allocateDirect(runtime, SIZE_BYTES, true);

    /// The native entry points, and through them the functions, must outlive the session.
    private final List<Object> anchors = new ArrayList<>();

    <T> void set(Field field, Class<T> shape, T function) {
        Pointer entryPoint = runtime.getClosureManager().getClosurePointer(shape, function);
        anchors.add(function);
        anchors.add(entryPoint);
        memory.putPointer((long) field.index * POINTER_BYTES, entryPoint);
    }

    long address() {
        return memory.address();
    }
}
