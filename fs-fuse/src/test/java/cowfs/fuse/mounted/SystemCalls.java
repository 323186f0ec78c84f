package cowfs.fuse.mounted;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// System calls that Java has no method for. A failure is an `IOException` with the error number.
final class SystemCalls {
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;
    static final int NO_REPLACE = 1;
    static final int EXCHANGE = 2;
    static final int WHITEOUT = 4;

    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_TMPFILE = 0x410000;
    private static final int FOLLOW = 0x400;
    private static final int CURRENT_DIRECTORY = -100;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN =
            function(
                    "open",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle OPEN_WITH_MODE =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("open"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle LINK =
            function(
                    "linkat",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle SEEK =
            function(
                    "lseek",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT));
    private static final MethodHandle RENAME =
            function(
                    "renameat2",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT));

    private SystemCalls() {}

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                descriptor,
                Linker.Option.captureCallState("errno"));
    }

    /// lseek(2) on a descriptor of its own.
    static long seek(Path file, long offset, int whence) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            int descriptor =
                    (int) OPEN.invokeExact(state, arena.allocateFrom(file.toString()), O_RDONLY);
            check(descriptor, state);
            try {
                return check((long) SEEK.invokeExact(state, descriptor, offset, whence), state);
            } finally {
                int closed = (int) CLOSE.invokeExact(state, descriptor);
                check(closed, state);
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /// Makes a file without a name in a directory, lets something be done with its path, and gives
    /// it a name.
    static void makeUnlinked(Path directory, FileAction action, Path name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            int descriptor =
                    (int)
                            OPEN_WITH_MODE.invokeExact(
                                    state,
                                    arena.allocateFrom(directory.toString()),
                                    O_TMPFILE | O_RDWR,
                                    0640);
            check(descriptor, state);
            String path = "/proc/self/fd/" + descriptor;
            try {
                action.run(Path.of(path));
                int linked =
                        (int)
                                LINK.invokeExact(
                                        state,
                                        CURRENT_DIRECTORY,
                                        arena.allocateFrom(path),
                                        CURRENT_DIRECTORY,
                                        arena.allocateFrom(name.toString()),
                                        FOLLOW);
                check(linked, state);
            } finally {
                int closed = (int) CLOSE.invokeExact(state, descriptor);
                check(closed, state);
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /// What is done with a file.
    @FunctionalInterface
    interface FileAction {
        void run(Path file) throws IOException;
    }

    /// renameat2(2).
    static void rename(Path from, Path to, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            int result =
                    (int)
                            RENAME.invokeExact(
                                    state,
                                    CURRENT_DIRECTORY,
                                    arena.allocateFrom(from.toString()),
                                    CURRENT_DIRECTORY,
                                    arena.allocateFrom(to.toString()),
                                    flags);
            check(result, state);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static long check(long result, MemorySegment state) throws IOException {
        if (result < 0) {
            int errno =
                    (int)
                            Linker.Option.captureStateLayout()
                                    .varHandle(MemoryLayout.PathElement.groupElement("errno"))
                                    .get(state, 0L);
            throw new IOException("errno " + errno);
        }
        return result;
    }
}
