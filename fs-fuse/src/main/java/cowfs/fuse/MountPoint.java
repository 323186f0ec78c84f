package cowfs.fuse;

import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/// A directory to mount on: what must be true of it, and how to unmount it.
final class MountPoint {
    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final Path MOUNTS = Path.of("/proc/self/mounts");
    private static final int TARGET_FIELD = 1;
    private static final int TYPE_FIELD = 2;

    private MountPoint() {}

    /// Checks that one can mount on a directory, and returns its real path.
    ///
    /// @throws RequestException that says what to do
    static Path require(Path directory) throws RequestException {
        if (!Files.exists(DEVICE)) {
            throw refused(
                    ErrorKind.NOT_FOUND,
                    "/dev/fuse is missing; run 'modprobe fuse', or give the container '--device /dev/fuse'");
        }
        Path absolute = directory.toAbsolutePath().normalize();
        try {
            Path real = absolute.toRealPath();
            // A dead mount fails in one of these two.
            boolean directoryThere =
                    Files.readAttributes(real, BasicFileAttributes.class).isDirectory();
            boolean empty = directoryThere && isEmpty(real);
            if (isMounted(real)) {
                throw refused(
                        ErrorKind.BUSY,
                        real
                                + " is mounted already; unmount it first: "
                                + CommandHint.of("umount", real));
            }
            if (!directoryThere) {
                throw refused(
                        ErrorKind.NOT_A_DIRECTORY,
                        real + " is not a directory; give one to mount on");
            }
            if (!empty) {
                throw refused(
                        ErrorKind.NOT_EMPTY,
                        real + " is not empty; give an empty directory to mount on");
            }
            return real;
        } catch (RequestException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw refused(
                    ErrorKind.NOT_FOUND,
                    absolute + " does not exist; make the directory first: mkdir " + absolute);
        } catch (IOException e) {
            throw unusable(absolute, e);
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    /// Unmounts, unless something is open in there.
    static void unmount(Path directory) throws IOException {
        run(directory, MountOptions.isRoot() ? List.of("umount") : List.of("fusermount", "-u"));
    }

    /// Takes the mount out of the tree of names at once; it ends when nothing in it is open any
    /// more.
    static void detach(Path directory) throws IOException {
        run(
                directory,
                MountOptions.isRoot() ? List.of("umount", "-l") : List.of("fusermount", "-uz"));
    }

    /// Whether a cowfs is mounted there, alive or not.
    static boolean isMounted(Path directory) {
        try {
            return Files.readAllLines(MOUNTS).stream()
                    .map(line -> line.split(" "))
                    .anyMatch(
                            fields ->
                                    fields[TYPE_FIELD].equals("fuse.cowfs")
                                            && unescape(fields[TARGET_FIELD])
                                                    .equals(directory.toString()));
        } catch (IOException e) {
            return false; // no Linux
        }
    }

    /// Octal escapes of blanks and backslashes.
    private static String unescape(String field) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] raw = field.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == '\\' && i + 3 < raw.length) {
                bytes.write(Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                bytes.write(raw[i]);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void run(Path directory, List<String> command) throws IOException {
        List<String> words = new ArrayList<>(command);
        words.add("--");
        words.add(directory.toString());
        Process process =
                new ProcessBuilder(words)
                        .directory(Path.of("/").toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw refused(
                        ErrorKind.BUSY,
                        directory
                                + " can't be unmounted ("
                                + output.strip().replace('\n', ' ')
                                + "); close what is open in it and try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("unmounting " + directory);
        }
    }

    private static RequestException unusable(Path directory, IOException failure) {
        if (isMounted(directory)) { // and yet can't be looked at
            return refused(
                    ErrorKind.BUSY,
                    directory
                            + " is the remains of a mount whose daemon has died (Transport endpoint is not connected);"
                            + " run: fusermount -u "
                            + directory);
        }
        return new RequestException(
                ErrorKind.IO,
                directory + " can't be used to mount on: " + failure.getMessage(),
                failure);
    }

    private static RequestException refused(ErrorKind kind, String message) {
        return new RequestException(kind, message);
    }
}
