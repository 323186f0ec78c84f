package cowfs.device;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A file held with what the JDK offers on every host: no holes, and two weaknesses.
///
/// An interrupt that arrives while {@link #flush} runs closes the channel: that flush counts as
/// failed and the lock is gone. On Unix hosts the lock is also gone once the process has closed
/// another channel of the same file. Where {@link LinuxFile} is supported it is used instead.
final class PortableFile implements HostFile {
    private final Path path;
    private final Set<StandardOpenOption> options;
    private final FileChannel channel;
    private final @Nullable Object fileKey;

    private PortableFile(Path path, Set<StandardOpenOption> options, FileChannel channel)
            throws IOException {
        this.path = path;
        this.options = options;
        this.channel = channel;
        this.fileKey = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    static PortableFile open(Path path, boolean writable) throws IOException {
        if (Files.isDirectory(path)) {
            throw new FileSystemException(path.toString(), null, "is a directory");
        }
        Set<StandardOpenOption> options =
                writable
                        ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE)
                        : Set.of(StandardOpenOption.READ);
        FileChannel channel = FileChannel.open(path, options);
        try {
            if (writable && !lock(channel)) {
                throw new DeviceBusyException(path.toString());
            }
            return new PortableFile(path, options, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false; // the other opener is in this process
        }
    }

    @Override
    public FileChannel openChannel() throws IOException {
        FileChannel fresh = FileChannel.open(path, options);
        if (!Objects.equals(
                fileKey, Files.readAttributes(path, BasicFileAttributes.class).fileKey())) {
            fresh.close();
            throw new FileSystemException(
                    path.toString(), null, "has been replaced by another file while it was open");
        }
        return fresh;
    }

    @Override
    public boolean isFixed() {
        return false;
    }

    @Override
    public void flush() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            channel.force(true);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void startWriteback() {
        // The host begins in its own time.
    }

    @Override
    public void flushName() {
        // The JDK has no portable way to flush a directory.
    }

    @Override
    public void dropCache(long position, long lengthBytes) {
        // Nor to tell the host to forget what it has read.
    }

    @Override
    public boolean isSparse(long position, long lengthBytes) {
        return false;
    }

    @Override
    public boolean punch(long position, long lengthBytes) {
        return false;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
