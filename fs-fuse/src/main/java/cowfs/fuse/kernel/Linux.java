package cowfs.fuse.kernel;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// The system calls of Linux that the transport needs, through the C library.
///
/// Each returns what the call returns, or the negative error number. Thread safe.
@SuppressWarnings("restricted") // this class is where the transport leaves Java
final class Linux {
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int ENOENT = 2;
    static final int ENODEV = 19;
    static final int ECONNABORTED = 103;
    static final int ENOTCONN = 107;
    static final int ECANCELED = 125;

    static final int O_RDWR = 2;
    static final int O_CLOEXEC = 0x80000;
    static final int O_PATH = 0x200000;

    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    private static final ThreadLocal<MemorySegment> STATES =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

    private static final MethodHandle READ =
            function("read", FunctionDescriptor.of(LONG, INT, LONG, LONG));
    private static final MethodHandle WRITE =
            function("write", FunctionDescriptor.of(LONG, INT, LONG, LONG));
    private static final MethodHandle OPEN =
            function("open", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle MOUNT =
            function("mount", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, LONG, POINTER));
    private static final MethodHandle UNMOUNT =
            function("umount2", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle MAP =
            function("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
    private static final MethodHandle UNMAP =
            function("munmap", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle EVENT =
            function("eventfd", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle SET_AFFINITY =
            function("sched_setaffinity", FunctionDescriptor.of(INT, INT, LONG, POINTER));
    private static final MethodHandle RING_SETUP =
            function(
                    "syscall",
                    FunctionDescriptor.of(LONG, LONG, LONG, POINTER),
                    Linker.Option.firstVariadicArg(1));
    private static final MethodHandle RING_ENTER =
            function(
                    "syscall",
                    FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG),
                    Linker.Option.firstVariadicArg(1));
    private static final MethodHandle ERROR_TEXT =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("strerror"),
                    FunctionDescriptor.of(
                            POINTER.withTargetLayout(
                                    MemoryLayout.sequenceLayout(256, ValueLayout.JAVA_BYTE)),
                            INT));

    // The same on every machine that is 64 bits wide and runs a kernel with FUSE over io_uring.
    private static final long SYS_IO_URING_SETUP = 425;
    private static final long SYS_IO_URING_ENTER = 426;

    // sys/mman.h
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_POPULATE = 1 | 0x8000;

    private static final int EFD_CLOEXEC = O_CLOEXEC;

    private Linux() {}

    /// io_uring_setup(2).
    ///
    /// @return the descriptor
    static long ringSetup(int entries, MemorySegment params) {
        MemorySegment state = STATES.get();
        try {
            long result =
                    (long)
                            RING_SETUP.invokeExact(
                                    state, SYS_IO_URING_SETUP, (long) entries, params);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// io_uring_enter(2).
    ///
    /// @return how many submissions were taken
    static int ringEnter(int descriptor, int submitCount, int completionCount, int flags) {
        MemorySegment state = STATES.get();
        try {
            long result =
                    (long)
                            RING_ENTER.invokeExact(
                                    state,
                                    SYS_IO_URING_ENTER,
                                    (long) descriptor,
                                    (long) submitCount,
                                    (long) completionCount,
                                    (long) flags,
                                    0L,
                                    0L);
            return result >= 0 ? (int) result : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// mmap(2) of a descriptor's memory, shared, to read and write.
    ///
    /// @return its address
    static long map(int descriptor, long sizeBytes, long offset) {
        MemorySegment state = STATES.get();
        try {
            long address =
                    (long)
                            MAP.invokeExact(
                                    state,
                                    0L,
                                    sizeBytes,
                                    PROT_READ_WRITE,
                                    MAP_SHARED_POPULATE,
                                    descriptor,
                                    offset);
            return address != -1 ? address : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int unmap(long address, long sizeBytes) {
        MemorySegment state = STATES.get();
        try {
            int result = (int) UNMAP.invokeExact(state, address, sizeBytes);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The memory that was mapped; it is valid until it is unmapped.
    static MemorySegment memory(long address, long sizeBytes) {
        return MemorySegment.ofAddress(address).reinterpret(sizeBytes);
    }

    /// eventfd(2): what counts the numbers written to it, and gives their sum to who reads.
    static int event() {
        MemorySegment state = STATES.get();
        try {
            int result = (int) EVENT.invokeExact(state, 0, EFD_CLOEXEC);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Lets the calling thread run only on processors of a set, a bit each.
    static int setAffinity(MemorySegment processors) {
        MemorySegment state = STATES.get();
        try {
            int result =
                    (int) SET_AFFINITY.invokeExact(state, 0, processors.byteSize(), processors);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// read(2) into native memory at `address`.
    static long read(int descriptor, long address, long sizeBytes) {
        MemorySegment state = STATES.get();
        try {
            long count = (long) READ.invokeExact(state, descriptor, address, sizeBytes);
            return count >= 0 ? count : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// write(2) from native memory at `address`.
    static long write(int descriptor, long address, long sizeBytes) {
        MemorySegment state = STATES.get();
        try {
            long count = (long) WRITE.invokeExact(state, descriptor, address, sizeBytes);
            return count >= 0 ? count : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int open(String path, int flags) {
        MemorySegment state = STATES.get();
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int close(int descriptor) {
        MemorySegment state = STATES.get();
        try {
            int result = (int) CLOSE.invokeExact(state, descriptor);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int mount(String source, String target, String type, long flags, String data) {
        MemorySegment state = STATES.get();
        try (Arena arena = Arena.ofConfined()) {
            int result =
                    (int)
                            MOUNT.invokeExact(
                                    state,
                                    arena.allocateFrom(source),
                                    arena.allocateFrom(target),
                                    arena.allocateFrom(type),
                                    flags,
                                    arena.allocateFrom(data));
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int unmount(String target, int flags) {
        MemorySegment state = STATES.get();
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) UNMOUNT.invokeExact(state, arena.allocateFrom(target), flags);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// What an error number means, in words.
    static String text(int errno) {
        try {
            MemorySegment text = (MemorySegment) ERROR_TEXT.invokeExact(Math.abs(errno));
            return text.getString(0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The error number of the call that was made last with that state.
    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /// Where calls of this thread leave their error number.
    static MemorySegment state() {
        return STATES.get();
    }

    /// A function of the C library; the first argument is a {@link #state}.
    static MethodHandle function(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = Linker.Option.captureCallState("errno");
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, all);
    }

    /// A call into C throws nothing; what comes is a mistake in its declaration.
    private static AssertionError unexpected(Throwable e) {
        return new AssertionError(e);
    }
}
