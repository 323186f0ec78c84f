package cowfs.tools.files;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import cowfs.file.Timestamp;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/// The calls of the Linux C library that make files: relative to open directories, so that no
/// symbolic link is ever followed, and with names of any bytes, which the JDK's paths can't carry.
///
/// Each returns what the call returns, or `-errno` when it fails; one that a signal interrupts is
/// repeated. For 64-bit Linux. Thread safe.
@SuppressWarnings("restricted") // native access is this class's purpose
final class HostCalls {
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_REMOVEDIR = 0x200;

    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_CLOEXEC = 0x80000;
    // these two differ between x86-64 and AArch64
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
    static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;

    static final int RENAME_NOREPLACE = 1;

    static final int EPERM = 1;
    static final int EINTR = 4;
    static final int EEXIST = 17;
    static final int EINVAL = 22;
    static final int EOPNOTSUPP = 95;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option KEEP_ERRNO = Linker.Option.captureCallState("errno");
    private static final MemoryLayout ERRNO_LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            ERRNO_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPENAT =
            call(
                    "openat",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                    KEEP_ERRNO,
                    Linker.Option.firstVariadicArg(3));
    private static final MethodHandle CLOSE =
            call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), KEEP_ERRNO);
    private static final MethodHandle MKDIRAT = named("mkdirat", JAVA_INT);
    private static final MethodHandle UNLINKAT = named("unlinkat", JAVA_INT);
    private static final MethodHandle MKNODAT = named("mknodat", JAVA_INT, JAVA_LONG);
    private static final MethodHandle FCHOWNAT = named("fchownat", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle FCHMODAT = named("fchmodat", JAVA_INT, JAVA_INT);
    private static final MethodHandle UTIMENSAT = named("utimensat", ADDRESS, JAVA_INT);
    private static final MethodHandle SYMLINKAT =
            call(
                    "symlinkat",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS),
                    KEEP_ERRNO);
    private static final MethodHandle LINKAT =
            call(
                    "linkat",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT),
                    KEEP_ERRNO);
    private static final MethodHandle RENAMEAT2 =
            call(
                    "renameat2",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT),
                    KEEP_ERRNO);
    private static final MethodHandle LSETXATTR =
            call(
                    "lsetxattr",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT),
                    KEEP_ERRNO);
    private static final MethodHandle FTRUNCATE =
            call("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG), KEEP_ERRNO);
    private static final MethodHandle PWRITE =
            call(
                    "pwrite",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG),
                    KEEP_ERRNO);
    private static final MethodHandle GETEUID = call("geteuid", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle STRERROR =
            call("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private HostCalls() {}

    static int open(int directory, byte[] name, int flags, int mode) {
        return with(
                (errno, arena) ->
                        (int)
                                OPENAT.invokeExact(
                                        errno,
                                        directory,
                                        text(arena, name),
                                        flags | O_CLOEXEC,
                                        mode));
    }

    /// Never repeated: Linux has given the number back even when it says EINTR.
    static void close(int fd) {
        once((errno, arena) -> (int) CLOSE.invokeExact(errno, fd));
    }

    static int makeDirectory(int directory, byte[] name, int mode) {
        return with(
                (errno, arena) ->
                        (int) MKDIRAT.invokeExact(errno, directory, text(arena, name), mode));
    }

    static int unlink(int directory, byte[] name, int flags) {
        return with(
                (errno, arena) ->
                        (int) UNLINKAT.invokeExact(errno, directory, text(arena, name), flags));
    }

    static int makeNode(int directory, byte[] name, int mode, long device) {
        return with(
                (errno, arena) ->
                        (int)
                                MKNODAT.invokeExact(
                                        errno, directory, text(arena, name), mode, device));
    }

    static int symlink(byte[] target, int directory, byte[] name) {
        return with(
                (errno, arena) ->
                        (int)
                                SYMLINKAT.invokeExact(
                                        errno, text(arena, target), directory, text(arena, name)));
    }

    static int link(int fromDirectory, byte[] from, int directory, byte[] name) {
        return with(
                (errno, arena) ->
                        (int)
                                LINKAT.invokeExact(
                                        errno,
                                        fromDirectory,
                                        text(arena, from),
                                        directory,
                                        text(arena, name),
                                        0));
    }

    static int rename(int fromDirectory, byte[] from, int directory, byte[] name, int flags) {
        return with(
                (errno, arena) ->
                        (int)
                                RENAMEAT2.invokeExact(
                                        errno,
                                        fromDirectory,
                                        text(arena, from),
                                        directory,
                                        text(arena, name),
                                        flags));
    }

    static int changeOwner(int directory, byte[] name, int uid, int gid) {
        return with(
                (errno, arena) ->
                        (int)
                                FCHOWNAT.invokeExact(
                                        errno,
                                        directory,
                                        text(arena, name),
                                        uid,
                                        gid,
                                        AT_SYMLINK_NOFOLLOW));
    }

    /// Follows a symbolic link: not to be used on one.
    static int changeMode(int directory, byte[] name, int mode) {
        return with(
                (errno, arena) ->
                        (int) FCHMODAT.invokeExact(errno, directory, text(arena, name), mode, 0));
    }

    static int setTimes(int directory, byte[] name, Timestamp accessed, Timestamp modified) {
        return with(
                (errno, arena) -> {
                    MemorySegment times = arena.allocate(32, 8);
                    times.set(JAVA_LONG, 0, accessed.seconds());
                    times.set(JAVA_LONG, 8, accessed.nanos());
                    times.set(JAVA_LONG, 16, modified.seconds());
                    times.set(JAVA_LONG, 24, modified.nanos());
                    return (int)
                            UTIMENSAT.invokeExact(
                                    errno,
                                    directory,
                                    text(arena, name),
                                    times,
                                    AT_SYMLINK_NOFOLLOW);
                });
    }

    /// Sets an extended attribute of what `name` is in an open directory, of a symbolic link too.
    static int setXattr(int directory, byte[] name, byte[] xattr, byte[] value) {
        byte[] start = ("/proc/self/fd/" + directory + "/").getBytes(StandardCharsets.US_ASCII);
        byte[] path = Arrays.copyOf(start, start.length + name.length);
        System.arraycopy(name, 0, path, start.length, name.length);
        return with(
                (errno, arena) ->
                        (int)
                                LSETXATTR.invokeExact(
                                        errno,
                                        text(arena, path),
                                        text(arena, xattr),
                                        text(arena, value),
                                        (long) value.length,
                                        0));
    }

    static int truncate(int fd, long lengthBytes) {
        return with((errno, arena) -> (int) FTRUNCATE.invokeExact(errno, fd, lengthBytes));
    }

    /// Writes all of `source` at an offset.
    ///
    /// @return 0, or `-errno`
    static int write(int fd, long offset, ByteBuffer source) {
        try (Arena arena = Arena.ofConfined()) {
            int length = source.remaining();
            MemorySegment bytes = arena.allocate(Math.max(1, length));
            MemorySegment.copy(
                    source.array(),
                    source.arrayOffset() + source.position(),
                    bytes,
                    JAVA_BYTE,
                    0,
                    length);
            for (int done = 0; done < length; ) {
                int from = done;
                int count =
                        with(
                                (errno, _) ->
                                        (int)
                                                (long)
                                                        PWRITE.invokeExact(
                                                                errno,
                                                                fd,
                                                                bytes.asSlice(from),
                                                                (long) length - from,
                                                                offset + from));
                if (count < 0) {
                    return count;
                }
                done += count;
            }
            return 0;
        }
    }

    static int effectiveUser() {
        try {
            return (int) GETEUID.invokeExact();
        } catch (Throwable e) {
            throw new LinkageError("geteuid", e);
        }
    }

    /// The C library's words for a failed call's result.
    static String message(int result) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(-result);
            return text.reinterpret(1024).getString(0).toLowerCase(Locale.ROOT);
        } catch (Throwable e) {
            throw new LinkageError("strerror", e);
        }
    }

    private static MemorySegment text(Arena arena, byte[] bytes) {
        MemorySegment text = arena.allocate(bytes.length + 1L); // zeroed: ends in NUL
        MemorySegment.copy(bytes, 0, text, JAVA_BYTE, 0, bytes.length);
        return text;
    }

    private static int with(Call call) {
        int result;
        do {
            result = once(call);
        } while (result == -EINTR);
        return result;
    }

    private static int once(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(ERRNO_LAYOUT);
            int result = call.run(errno, arena);
            return result >= 0 ? result : -(int) ERRNO.get(errno, 0L);
        } catch (Throwable e) {
            throw new LinkageError("a call of the C library could not be made", e);
        }
    }

    /// A call with a directory and a name as its first arguments.
    private static MethodHandle named(String name, MemoryLayout... rest) {
        MemoryLayout[] all = new MemoryLayout[rest.length + 2];
        all[0] = JAVA_INT;
        all[1] = ADDRESS;
        System.arraycopy(rest, 0, all, 2, rest.length);
        return call(name, FunctionDescriptor.of(JAVA_INT, all), KEEP_ERRNO);
    }

    private static MethodHandle call(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
    }

    @FunctionalInterface
    private interface Call {
        int run(MemorySegment errno, Arena arena) throws Throwable;
    }
}
