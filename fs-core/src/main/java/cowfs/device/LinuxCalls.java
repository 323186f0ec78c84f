package cowfs.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.nio.file.Path;

/// The few calls of the Linux C library that the JDK does not offer on files, for 64-bit Linux.
///
/// Each returns what the call returns, or `-errno` when it fails; a call that a signal interrupts
/// is repeated. Numbers are those of the generic Linux ABI (x86-64, AArch64 and RISC-V have them).
/// Thread safe.
@SuppressWarnings("restricted") // native access is this class's purpose
final class LinuxCalls {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_EXCL = 0x80;
    static final int O_CLOEXEC = 0x80000;

    static final int LOCK_EX = 2;
    static final int LOCK_NB = 4;

    static final int FALLOC_FL_KEEP_SIZE = 1;
    static final int FALLOC_FL_PUNCH_HOLE = 2;

    static final int POSIX_FADV_DONTNEED = 4;

    static final int SEEK_HOLE = 4;

    static final int SYNC_FILE_RANGE_WRITE = 2;

    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option KEEP_ERRNO = Linker.Option.captureCallState("errno");
    private static final MemoryLayout ERRNO_LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            ERRNO_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN =
            call(
                    "open",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                    KEEP_ERRNO,
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE =
            call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), KEEP_ERRNO);
    private static final MethodHandle FSYNC =
            call("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT), KEEP_ERRNO);
    private static final MethodHandle FDATASYNC =
            call("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT), KEEP_ERRNO);
    private static final MethodHandle SYNC_FILE_RANGE =
            call(
                    "sync_file_range",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT),
                    KEEP_ERRNO);
    private static final MethodHandle LSEEK =
            call("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle FLOCK =
            call("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), KEEP_ERRNO);
    private static final MethodHandle FALLOCATE =
            call(
                    "fallocate",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
                    KEEP_ERRNO);
    private static final MethodHandle POSIX_FADVISE =
            call(
                    "posix_fadvise",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle STRERROR =
            call("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private LinuxCalls() {}

    static int open(Path path, int flags) {
        // The JDK's own encoding of file names, so that both sides open the same file.
        byte[] name =
                path.toAbsolutePath()
                        .toString()
                        .getBytes(Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(name.length + 1L); // zeroed: ends in NUL
            MemorySegment.copy(name, 0, text, JAVA_BYTE, 0, name.length);
            return repeat(errno -> (int) OPEN.invokeExact(errno, text, flags));
        }
    }

    static int close(int fd) {
        // Never repeated: Linux has given the number back even when it says EINTR.
        return once(errno -> (int) CLOSE.invokeExact(errno, fd));
    }

    static int fsync(int fd) {
        return repeat(errno -> (int) FSYNC.invokeExact(errno, fd));
    }

    static int fdatasync(int fd) {
        return repeat(errno -> (int) FDATASYNC.invokeExact(errno, fd));
    }

    static int syncFileRange(int fd, long position, long lengthBytes, int flags) {
        return repeat(
                errno ->
                        (int) SYNC_FILE_RANGE.invokeExact(errno, fd, position, lengthBytes, flags));
    }

    static int flock(int fd, int operation) {
        return repeat(errno -> (int) FLOCK.invokeExact(errno, fd, operation));
    }

    static int fallocate(int fd, int mode, long position, long lengthBytes) {
        return repeat(errno -> (int) FALLOCATE.invokeExact(errno, fd, mode, position, lengthBytes));
    }

    /// @return the place, or -1
    static long lseek(int fd, long position, int whence) {
        try {
            return (long) LSEEK.invokeExact(fd, position, whence);
        } catch (Throwable e) {
            throw new LinkageError("lseek", e);
        }
    }

    static int posixFadvise(int fd, long position, long lengthBytes, int advice) {
        try {
            return -(int) POSIX_FADVISE.invokeExact(fd, position, lengthBytes, advice);
        } catch (Throwable e) {
            throw new LinkageError("posix_fadvise", e);
        }
    }

    /// The C library's words for a failed call's result.
    static String message(int result) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(-result);
            return text.reinterpret(1024).getString(0);
        } catch (Throwable e) {
            throw new LinkageError("strerror", e);
        }
    }

    private static int repeat(Call call) {
        int result;
        do {
            result = once(call);
        } while (result == -EINTR);
        return result;
    }

    private static int once(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(ERRNO_LAYOUT);
            int result = call.run(errno);
            return result >= 0 ? result : -(int) ERRNO.get(errno, 0L);
        } catch (Throwable e) {
            throw new LinkageError("a call of the C library could not be made", e);
        }
    }

    private static MethodHandle call(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
    }

    @FunctionalInterface
    private interface Call {
        int run(MemorySegment errno) throws Throwable;
    }
}
