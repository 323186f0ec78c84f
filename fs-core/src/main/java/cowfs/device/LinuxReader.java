package cowfs.device;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/// A regular file or block device of Linux that is only read.
///
/// A reader takes no lock and flushes nothing, so that the JDK's channel is enough for it; what
/// would need {@link LinuxCalls}, whose linking takes longer than all else that a short command
/// does, is left to who writes. One channel, which no thread reads from and no interrupt can close,
/// holds the file until {@link #close}, whatever becomes of its name. Thread safe.
final class LinuxReader implements HostFile {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final Path path;
    private final FileChannel holder;
    private final Object key;

    private LinuxReader(Path path, FileChannel holder, Object key) {
        this.path = path;
        this.holder = holder;
        this.key = key;
    }

    static LinuxReader open(Path path) throws IOException {
        while (true) {
            LinuxFile.requireFileOrBlockDevice(path);
            Object before = key(path);
            FileChannel holder = FileChannel.open(path, StandardOpenOption.READ);
            try {
                if (key(path).equals(before)) {
                    return new LinuxReader(path, holder, before);
                }
            } catch (IOException e) {
                holder.close();
                throw e;
            }
            holder.close(); // the name came to mean another file meanwhile
        }
    }

    @Override
    public FileChannel openChannel() throws IOException {
        // What the name leads to, as long as that is the file; otherwise through the holder.
        try {
            FileChannel fresh = FileChannel.open(path, StandardOpenOption.READ);
            if (key(path).equals(key)) {
                return fresh;
            }
            fresh.close();
        } catch (FileSystemException renamed) {
            return openHeld();
        }
        return openHeld();
    }

    private FileChannel openHeld() throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : descriptors) {
                if (leadsHere(descriptor)) {
                    return FileChannel.open(descriptor, StandardOpenOption.READ);
                }
            }
        }
        throw new FileSystemException(path.toString(), null, "is closed");
    }

    private boolean leadsHere(Path descriptor) throws IOException {
        try {
            return key(descriptor).equals(key);
        } catch (NoSuchFileException closedMeanwhile) {
            return false;
        }
    }

    private static Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    @Override
    public boolean isFixed() {
        return true;
    }

    @Override
    public void flush() {
        // A reader has written nothing.
    }

    @Override
    public void startWriteback() {
        // Nor has it anything under way.
    }

    @Override
    public void flushName() throws IOException {
        throw readOnly();
    }

    @Override
    public void dropCache(long position, long lengthBytes) {
        // What a reader finds decides about nothing that is written.
    }

    @Override
    public boolean isSparse(long position, long lengthBytes) {
        return false; // nothing is written
    }

    @Override
    public boolean punch(long position, long lengthBytes) throws IOException {
        throw readOnly();
    }

    @Override
    public void close() throws IOException {
        holder.close();
    }

    private FileSystemException readOnly() {
        return new FileSystemException(path.toString(), null, "is open for reading only");
    }
}
