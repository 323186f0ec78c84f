package cowfs.fuse.kernel;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// Mounting through `fusermount3`, for who is not root: it opens `/dev/fuse`, mounts, and sends the
/// descriptor through a socket, which it knows by a number in its environment.
///
/// Java's own processes get no descriptors but the three standard ones, and those as files; so it
/// is started with `posix_spawn`.
@SuppressWarnings("restricted")
final class Fusermount {
    private static final String PROGRAM = "fusermount3";

    /// Where the program finds its end of the socket.
    private static final int SOCKET_NUMBER = 3;

    private static final int STANDARD_ERROR = 2;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SOCK_CLOEXEC = Linux.O_CLOEXEC;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /// More than `posix_spawn_file_actions_t` has anywhere.
    private static final int FILE_ACTIONS_BYTES = 512;

    // struct msghdr: name, its length, vector, its count, control, its length, flags
    private static final int MESSAGE_BYTES = 56;
    private static final int MESSAGE_VECTOR = 16;
    private static final int MESSAGE_VECTOR_COUNT = 24;
    private static final int MESSAGE_CONTROL = 32;
    private static final int MESSAGE_CONTROL_LENGTH = 40;

    // struct cmsghdr: length, level, type; then the descriptor
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;
    private static final int CONTROL_DATA = 16;
    private static final int CONTROL_BYTES = 24;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final java.lang.foreign.AddressLayout POINTER = ValueLayout.ADDRESS;

    private static final MethodHandle SOCKET_PAIR =
            Linux.function("socketpair", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));
    private static final MethodHandle RECEIVE =
            Linux.function("recvmsg", FunctionDescriptor.of(LONG, INT, POINTER, INT));
    private static final MethodHandle ACTIONS_INIT =
            Linux.function("posix_spawn_file_actions_init", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle ACTIONS_DUPLICATE =
            Linux.function(
                    "posix_spawn_file_actions_adddup2",
                    FunctionDescriptor.of(INT, POINTER, INT, INT));
    private static final MethodHandle ACTIONS_DESTROY =
            Linux.function("posix_spawn_file_actions_destroy", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle SPAWN =
            Linux.function(
                    "posix_spawnp",
                    FunctionDescriptor.of(
                            INT, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER));
    private static final MethodHandle WAIT =
            Linux.function("waitpid", FunctionDescriptor.of(INT, INT, POINTER, INT));

    private Fusermount() {}

    /// Mounts.
    ///
    /// @return the descriptor
    static int mount(Path directory, String options) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int[] descriptors = socketPair(arena);
            int[] errors;
            try {
                errors = socketPair(arena);
            } catch (IOException e) {
                closeAll(descriptors);
                throw e;
            }
            try {
                int process =
                        spawn(
                                arena,
                                List.of(PROGRAM, "-o", options, "--", directory.toString()),
                                descriptors[1],
                                errors[1]);
                Linux.close(descriptors[1]);
                Linux.close(errors[1]);
                descriptors[1] = -1;
                errors[1] = -1;
                int received = receive(arena, descriptors[0]);
                String message = readAll(arena, errors[0]);
                await(arena, process);
                if (received < 0) {
                    throw refused(directory, message);
                }
                return received;
            } finally {
                closeAll(descriptors);
                closeAll(errors);
            }
        }
    }

    /// Takes the mount point away.
    static void detach(Path directory) throws IOException {
        Process process =
                new ProcessBuilder(PROGRAM, "-uz", "--", directory.toString())
                        .directory(Path.of("/").toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new RequestException(ErrorKind.IO, output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("unmounting " + directory);
        }
    }

    private static int[] socketPair(Arena arena) throws IOException {
        MemorySegment pair = arena.allocate(INT, 2);
        MemorySegment state = Linux.state();
        int result;
        try {
            result =
                    (int)
                            SOCKET_PAIR.invokeExact(
                                    state, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (result != 0) {
            throw new IOException("socketpair: " + Linux.text(Linux.errno(state)));
        }
        return new int[] {pair.getAtIndex(INT, 0), pair.getAtIndex(INT, 1)};
    }

    /// Starts the program with a socket and somewhere to complain. Other descriptors of this
    /// process it does not get as far as they are closed on exec, which Java's are not all; it
    /// lives for a moment only.
    private static int spawn(Arena arena, List<String> words, int socket, int errors)
            throws IOException {
        MemorySegment actions = arena.allocate(FILE_ACTIONS_BYTES, 16);
        MemorySegment process = arena.allocate(INT);
        MemorySegment state = Linux.state();
        int result;
        try {
            check((int) ACTIONS_INIT.invokeExact(state, actions));
            check((int) ACTIONS_DUPLICATE.invokeExact(state, actions, socket, SOCKET_NUMBER));
            check((int) ACTIONS_DUPLICATE.invokeExact(state, actions, errors, STANDARD_ERROR));
            result =
                    (int)
                            SPAWN.invokeExact(
                                    state,
                                    process,
                                    arena.allocateFrom(words.get(0)),
                                    actions,
                                    MemorySegment.NULL,
                                    vector(arena, words),
                                    vector(
                                            arena,
                                            List.of(
                                                    "_FUSE_COMMFD=" + SOCKET_NUMBER,
                                                    "PATH=/usr/bin:/bin:/usr/local/bin:/usr/sbin",
                                                    "LC_ALL=C")));
            check((int) ACTIONS_DESTROY.invokeExact(state, actions));
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (result == Linux.ENOENT) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "'fusermount3' is not installed, and only root can mount without; run: apt-get install fuse3");
        }
        check(result);
        return process.get(INT, 0);
    }

    private static void check(int errno) throws IOException {
        if (errno != 0) {
            throw new IOException("starting fusermount3: " + Linux.text(errno));
        }
    }

    private static MemorySegment vector(Arena arena, List<String> words) {
        MemorySegment vector = arena.allocate(POINTER, words.size() + 1L);
        for (int i = 0; i < words.size(); i++) {
            vector.setAtIndex(POINTER, i, arena.allocateFrom(words.get(i)));
        }
        return vector;
    }

    /// @return the descriptor, or -1 when the other end was closed without sending one
    private static int receive(Arena arena, int socket) throws IOException {
        MemorySegment oneByte = arena.allocate(1);
        MemorySegment ioVector = arena.allocate(16, 8);
        ioVector.set(POINTER, 0, oneByte);
        ioVector.set(LONG, 8, 1);
        MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
        MemorySegment message = arena.allocate(MESSAGE_BYTES, 8);
        message.set(POINTER, MESSAGE_VECTOR, ioVector);
        message.set(LONG, MESSAGE_VECTOR_COUNT, 1);
        message.set(POINTER, MESSAGE_CONTROL, control);
        message.set(LONG, MESSAGE_CONTROL_LENGTH, CONTROL_BYTES);
        MemorySegment state = Linux.state();
        long count;
        try {
            do {
                count = (long) RECEIVE.invokeExact(state, socket, message, MSG_CMSG_CLOEXEC);
            } while (count < 0 && Linux.errno(state) == Linux.EINTR);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        boolean sent =
                count > 0
                        && message.get(LONG, MESSAGE_CONTROL_LENGTH) >= CONTROL_DATA + Integer.BYTES
                        && control.get(INT, CONTROL_LEVEL) == SOL_SOCKET
                        && control.get(INT, CONTROL_TYPE) == SCM_RIGHTS;
        return sent ? control.get(INT, CONTROL_DATA) : -1;
    }

    private static String readAll(Arena arena, int descriptor) {
        MemorySegment buffer = arena.allocate(4096);
        StringBuilder text = new StringBuilder();
        while (true) {
            long count = Linux.read(descriptor, buffer.address(), buffer.byteSize());
            if (count <= 0 && count != -Linux.EINTR) {
                return text.toString().strip();
            }
            if (count > 0) {
                byte[] bytes = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
                text.append(new String(bytes, StandardCharsets.UTF_8));
            }
        }
    }

    private static void await(Arena arena, int process) {
        MemorySegment status = arena.allocate(INT);
        MemorySegment state = Linux.state();
        try {
            int result;
            do {
                result = (int) WAIT.invokeExact(state, process, status, 0);
            } while (result < 0 && Linux.errno(state) == Linux.EINTR);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void closeAll(int[] descriptors) {
        for (int descriptor : descriptors) {
            if (descriptor >= 0) {
                Linux.close(descriptor);
            }
        }
    }

    private static RequestException refused(Path directory, String message) {
        return new RequestException(
                ErrorKind.IO,
                "can't mount on "
                        + directory
                        + ": "
                        + (message.isEmpty() ? "fusermount3 refused it" : message));
    }
}
