package cowfs.device;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// A regular file or block device of Linux, open for writing and held through a file descriptor of
/// its own.
///
/// Why not the JDK's channel alone: its lock is a POSIX one, which the process loses as soon as it
/// closes *any* other descriptor of the same file, a reader's for instance; an interrupt closes it;
/// and it can't punch holes. Here a regular file is locked with `flock`, which belongs to the
/// descriptor; a block device is claimed with `O_EXCL`, which is also refused while the host has it
/// mounted. All flushes go through the one descriptor, for the kernel reports a failed write-back
/// once to each.
///
/// Thread safe: every use of the descriptor's number excludes {@link #close}, after which the
/// number may mean another file.
final class LinuxFile implements HostFile {
    /// Those that share the numbers of {@link LinuxCalls}.
    private static final Set<String> ARCHITECTURES =
            Set.of("amd64", "x86_64", "aarch64", "riscv64");

    private static final int TYPE_MASK = 0xF000;
    private static final int BLOCK_DEVICE = 0x6000;
    private static final int REGULAR_FILE = 0x8000;

    /// The kernel drops only whole pieces of its cache, and keeps pieces of up to 2 MiB.
    private static final long CACHE_UNIT_BYTES = 2L << 20;

    private final Path path;
    private final int fd;
    private final boolean fixed;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    private LinuxFile(Path path, int fd, boolean fixed) {
        this.path = path;
        this.fd = fd;
        this.fixed = fixed;
    }

    static boolean isSupported() {
        return System.getProperty("os.name", "").equals("Linux")
                && ARCHITECTURES.contains(System.getProperty("os.arch", ""));
    }

    static LinuxFile open(Path path) throws IOException {
        boolean claim = requireFileOrBlockDevice(path) == BLOCK_DEVICE;
        if (claim && isSetReadOnly(path)) {
            throw new DeviceReadOnlyException(path.toString(), "The block device is read-only");
        }
        int flags =
                LinuxCalls.O_CLOEXEC // a child process must not keep the lock alive
                        | LinuxCalls.O_RDWR
                        | (claim ? LinuxCalls.O_EXCL : 0);
        int fd = LinuxCalls.open(path, flags);
        if (fd == -LinuxCalls.EBUSY) {
            throw new DeviceBusyException(path.toString());
        }
        if (fd == -LinuxCalls.EROFS || fd == -LinuxCalls.EACCES) {
            throw new DeviceReadOnlyException(path.toString(), LinuxCalls.message(fd));
        }
        if (fd < 0) {
            throw new FileSystemException(path.toString(), null, LinuxCalls.message(fd));
        }
        if (!claim) {
            int locked = LinuxCalls.flock(fd, LinuxCalls.LOCK_EX | LinuxCalls.LOCK_NB);
            if (locked < 0) {
                LinuxCalls.close(fd);
                if (locked == -LinuxCalls.EAGAIN) {
                    throw new DeviceBusyException(path.toString());
                }
                throw new FileSystemException(
                        path.toString(), null, "can't be locked: " + LinuxCalls.message(locked));
            }
        }
        return new LinuxFile(path, fd, claim);
    }

    /// Asked before opening: the open of a named pipe would wait for its other end.
    ///
    /// @return the type of the file, as in its mode
    static int requireFileOrBlockDevice(Path path) throws IOException {
        int type = (int) Files.getAttribute(path, "unix:mode") & TYPE_MASK;
        if (type != REGULAR_FILE && type != BLOCK_DEVICE) {
            throw new FileSystemException(
                    path.toString(), null, "neither a regular file nor a block device");
        }
        return type;
    }

    /// Some kernels let root open such a device for writing, and refuse each write.
    private static boolean isSetReadOnly(Path device) throws IOException {
        long number = (long) Files.getAttribute(device, "unix:rdev");
        long major = ((number >>> 8) & 0xfff) | ((number >>> 32) & ~0xfffL);
        long minor = (number & 0xff) | ((number >>> 12) & ~0xffL);
        Path flag = Path.of("/sys/dev/block/" + major + ":" + minor + "/ro");
        return Files.isReadable(flag) && Files.readString(flag).strip().equals("1");
    }

    @Override
    public FileChannel openChannel() throws IOException {
        return using(
                () ->
                        FileChannel.open(
                                Path.of("/proc/self/fd", Integer.toString(fd)),
                                Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE)));
    }

    @Override
    public boolean isFixed() {
        return fixed;
    }

    @Override
    public void flush() throws IOException {
        // The times of the file are not worth the journal commit of the host that fsync makes for
        // them each time; allocation and size are made durable by this one too.
        demand(using(() -> LinuxCalls.fdatasync(fd)));
    }

    @Override
    public void startWriteback() throws IOException {
        // A hint: its failure changes nothing. The flags that wait would also take the report of a
        // failed write away from the next flush; this one does not.
        int ignored =
                using(() -> LinuxCalls.syncFileRange(fd, 0, 0, LinuxCalls.SYNC_FILE_RANGE_WRITE));
    }

    @Override
    public void flushName() throws IOException {
        Path parent = path.toAbsolutePath().resolveSibling(".");
        int directory = LinuxCalls.open(parent, LinuxCalls.O_RDONLY | LinuxCalls.O_CLOEXEC);
        demand(directory);
        int result = LinuxCalls.fsync(directory);
        LinuxCalls.close(directory);
        demand(result);
    }

    @Override
    public void dropCache(long position, long lengthBytes) throws IOException {
        int ignored = using(() -> dropCache(fd, position, lengthBytes));
    }

    /// A hint: its failure changes nothing.
    static int dropCache(int fd, long position, long lengthBytes) {
        long start = Math.floorDiv(position, CACHE_UNIT_BYTES) * CACHE_UNIT_BYTES;
        long end = Math.ceilDiv(position + lengthBytes, CACHE_UNIT_BYTES) * CACHE_UNIT_BYTES;
        return LinuxCalls.posixFadvise(fd, start, end - start, LinuxCalls.POSIX_FADV_DONTNEED);
    }

    @Override
    public boolean isSparse(long position, long lengthBytes) throws IOException {
        // A block device refuses, and has no holes.
        long hole = using(() -> LinuxCalls.lseek(fd, position, LinuxCalls.SEEK_HOLE));
        return hole >= position && hole < position + lengthBytes;
    }

    @Override
    public boolean punch(long position, long lengthBytes) throws IOException {
        int mode = LinuxCalls.FALLOC_FL_PUNCH_HOLE | LinuxCalls.FALLOC_FL_KEEP_SIZE;
        int result = using(() -> LinuxCalls.fallocate(fd, mode, position, lengthBytes));
        switch (-result) {
            case LinuxCalls.EOPNOTSUPP, LinuxCalls.ENOSYS -> {
                return false;
            }
            case LinuxCalls.ENOSPC -> {
                // A full host has no block to note the hole in. The range keeps its space; no harm.
                return true;
            }
            default -> {
                demand(result);
                return true;
            }
        }
    }

    @Override
    public void close() throws IOException {
        Lock all = use.writeLock();
        all.lock();
        try {
            if (!closed) {
                closed = true;
                demand(LinuxCalls.close(fd));
            }
        } finally {
            all.unlock();
        }
    }

    private <T> T using(Use<T> body) throws IOException {
        Lock one = use.readLock();
        one.lock();
        try {
            if (closed) {
                throw new ClosedChannelException();
            }
            return body.run();
        } finally {
            one.unlock();
        }
    }

    private void demand(int result) throws IOException {
        if (result < 0) {
            throw new FileSystemException(path.toString(), null, LinuxCalls.message(result));
        }
    }

    @FunctionalInterface
    private interface Use<T> {
        T run() throws IOException;
    }
}
