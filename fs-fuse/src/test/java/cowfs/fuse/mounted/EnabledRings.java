package cowfs.fuse.mounted;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;

/// FUSE over io_uring, allowed on this machine for the time of a mount; the kernel looks at that
/// only then. One process at a time, and what was set before is set again in any case.
public final class EnabledRings implements AutoCloseable {
    private static final Path SETTING = Path.of("/sys/module/fuse/parameters/enable_uring");
    private static final Path LOCK = Path.of("/tmp/cowfs-enable-uring.lock");

    private final FileChannel file;
    private final FileLock lock;
    private final String before;

    private EnabledRings(FileChannel file, FileLock lock, String before) {
        this.file = file;
        this.lock = lock;
        this.before = before;
    }

    /// Whether this kernel has it, and this user may allow it.
    public static boolean arePossible() {
        return Files.isWritable(SETTING);
    }

    public static EnabledRings now() throws IOException {
        FileChannel file = FileChannel.open(LOCK, CREATE, WRITE);
        FileLock lock = file.lock();
        String before = Files.readString(SETTING).strip();
        Files.writeString(SETTING, "Y");
        return new EnabledRings(file, lock, before);
    }

    @Override
    public void close() throws IOException {
        try (file;
                lock) {
            Files.writeString(SETTING, before);
        }
    }
}
