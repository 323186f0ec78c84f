package cowfs.fuse.mounted;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The system calls for extended attributes: the JDK itself offers only those of users.
final class Xattrs {
    static final int CREATE = 1;
    static final int REPLACE = 2;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SET =
            function(
                    "setxattr",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT));
    private static final MethodHandle GET =
            function(
                    "getxattr",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG));
    private static final MethodHandle LIST =
            function(
                    "listxattr",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG));
    private static final MethodHandle REMOVE =
            function(
                    "removexattr",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

    private Xattrs() {}

    static void set(Path file, String name, byte[] value, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
            call(
                    arena,
                    state ->
                            (int)
                                    SET.invokeExact(
                                            state,
                                            arena.allocateFrom(file.toString()),
                                            arena.allocateFrom(name),
                                            bytes,
                                            (long) value.length,
                                            flags));
        }
    }

    /// @param target room for the value; an empty one asks for the size
    static long get(Path file, String name, MemorySegment target) {
        try (Arena arena = Arena.ofConfined()) {
            return call(
                    arena,
                    state ->
                            (long)
                                    GET.invokeExact(
                                            state,
                                            arena.allocateFrom(file.toString()),
                                            arena.allocateFrom(name),
                                            target,
                                            target.byteSize()));
        }
    }

    static byte[] get(Path file, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(1 << 16);
            long length = get(file, name, target);
            return target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    static List<String> list(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(1 << 16);
            long length =
                    call(
                            arena,
                            state ->
                                    (long)
                                            LIST.invokeExact(
                                                    state,
                                                    arena.allocateFrom(file.toString()),
                                                    target,
                                                    target.byteSize()));
            String text =
                    new String(
                            target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
                            StandardCharsets.UTF_8);
            List<String> names = new ArrayList<>(Arrays.asList(text.split("\0")));
            names.removeIf(String::isEmpty);
            names.sort(null);
            return names;
        }
    }

    static void remove(Path file, String name) {
        try (Arena arena = Arena.ofConfined()) {
            call(
                    arena,
                    state ->
                            (int)
                                    REMOVE.invokeExact(
                                            state,
                                            arena.allocateFrom(file.toString()),
                                            arena.allocateFrom(name)));
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor shape) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().find(name).orElseThrow(),
                shape,
                Linker.Option.captureCallState("errno"));
    }

    private static long call(Arena arena, SystemCall call) {
        MemorySegment state = arena.allocate(STATE);
        long result;
        try {
            result = call.invoke(state);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (result < 0) {
            throw new SystemCallException((int) ERRNO.get(state, 0L));
        }
        return result;
    }

    @FunctionalInterface
    private interface SystemCall {
        long invoke(MemorySegment state) throws Throwable;
    }

    /// The kernel's refusal.
    static final class SystemCallException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int errno;

        SystemCallException(int errno) {
            super("errno " + errno);
            this.errno = errno;
        }

        int errno() {
            return errno;
        }
    }
}
