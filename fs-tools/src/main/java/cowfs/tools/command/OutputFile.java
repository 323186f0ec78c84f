package cowfs.tools.command;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A file that a command writes its result to, as `-o` names it.
///
/// A regular file has its name only when it is whole and durable: until then it is a hidden one
/// beside it, which is gone when the command fails or is interrupted. What a symbolic link leads to
/// is written, and the link stays. A device or named pipe is written into as it is.
final class OutputFile implements Closeable {
    private final Path target;
    private final @Nullable Path part;
    private final @Nullable Thread removal;
    private final FileChannel channel;

    /// @throws FileSystemException when it can't be written; the message names what the user gave
    OutputFile(Path named) throws IOException {
        if (Files.isDirectory(named)) {
            throw new FileSystemException(named.toString(), null, "is a directory");
        }
        target = Files.exists(named) ? named.toRealPath() : named.toAbsolutePath();
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            part = null;
            removal = null;
            channel = FileChannel.open(target, StandardOpenOption.WRITE);
            return;
        }
        Path folder = target.getParent();
        if (folder == null || !Files.exists(folder)) {
            throw new NoSuchFileException(String.valueOf(folder));
        }
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        Path hidden = folder.resolve(".cowfs-" + UUID.randomUUID() + ".part");
        channel = FileChannel.open(hidden, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        part = hidden;
        removal = new Thread(() -> remove(hidden), "remove-part");
        Runtime.getRuntime().addShutdownHook(removal);
    }

    OutputStream stream() {
        return Channels.newOutputStream(channel);
    }

    /// All has been written: it becomes durable and gets its name. It keeps the permissions of a
    /// file that had the name.
    void finish() throws IOException {
        if (part == null) {
            return;
        }
        channel.force(true);
        if (Files.exists(target)) {
            Files.setPosixFilePermissions(part, Files.getPosixFilePermissions(target));
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void remove(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException left) {
            System.getLogger("cowfs.tools")
                    .log(System.Logger.Level.WARNING, part + " was left: " + left.getMessage());
        }
    }

    /// Without {@link #finish} nothing is left.
    @Override
    public void close() throws IOException {
        channel.close();
        if (part != null) {
            Files.deleteIfExists(part);
        }
        if (removal != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(removal);
            } catch (IllegalStateException endingAnyway) {
                // the hook runs, and finds nothing
            }
        }
    }
}
