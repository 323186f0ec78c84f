package cowfs.tools.place;

import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/// Looks at a file that is to be an image, before the engine does.
public final class ImageFile {
    private static final int FILE_TYPE_MASK = 0170000;
    private static final int BLOCK_DEVICE = 0060000;
    private static final int STAT_BLOCK_BYTES = 512;

    private ImageFile() {}

    /// The absolute path, without symbolic links, of a file that may hold an image.
    ///
    /// @throws ImageException for what can't be one whatever it holds
    public static Path require(Path path) throws IOException {
        if (!isThere(path)) {
            throw new ImageException(
                    ErrorKind.NOT_FOUND,
                    "image " + path + " does not exist; make it: " + CommandHint.of("mkfs", path));
        }
        requireFileOrDevice(path);
        if (Files.isRegularFile(path) && Files.size(path) == 0) {
            throw new ImageException(
                    ErrorKind.NOT_AN_IMAGE,
                    path + " is empty; make an image of it: " + CommandHint.of("mkfs", path));
        }
        return path.toRealPath();
    }

    /// Checks that a path leads to something that an image can be made in, or to a place for it.
    ///
    /// @return whether something is there
    public static boolean requireMakeable(Path path) throws IOException {
        boolean there = isThere(path);
        if (there) {
            requireFileOrDevice(path);
        }
        return there;
    }

    /// Whether a path leads to something.
    ///
    /// @throws ImageException when more is missing than a name in its directory
    /// @throws IOException when that can't be told
    private static boolean isThere(Path path) throws IOException {
        try {
            BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
            return found.size() >= 0;
        } catch (NoSuchFileException e) {
            Path parent = path.toAbsolutePath().getParent();
            String problem = null;
            if (Files.isSymbolicLink(path)) {
                problem =
                        " is a symbolic link to "
                                + Files.readSymbolicLink(path)
                                + ", which does not exist";
            } else if (parent != null && !Files.exists(parent)) {
                problem = " does not exist, nor does its directory " + parent;
            }
            if (problem != null) {
                throw new ImageException(ErrorKind.NOT_FOUND, "image " + path + problem);
            }
            return false;
        }
    }

    private static void requireFileOrDevice(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new ImageException(
                    ErrorKind.NOT_AN_IMAGE, path + " is a directory; name an image file");
        }
        if (!Files.isRegularFile(path) && !isBlockDevice(path)) {
            throw new ImageException(
                    ErrorKind.NOT_AN_IMAGE,
                    path + " is neither a regular file nor a block device; name an image file");
        }
    }

    /// The size of a file or block device.
    public static long sizeBytes(Path path) throws IOException {
        if (!isBlockDevice(path)) {
            return Files.size(path);
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.size();
        }
    }

    /// What a regular file takes of the disk that it lies on: less than its size when it is sparse.
    public static long allocatedBytes(Path path) throws IOException {
        Programs.Outcome outcome =
                Programs.run(List.of("stat", "--format=%b", "--", path.toString()));
        if (!outcome.isSuccess()) {
            throw new IOException(outcome.output());
        }
        return Long.parseLong(outcome.output()) * STAT_BLOCK_BYTES;
    }

    private static boolean isBlockDevice(Path path) throws IOException {
        return ((int) Files.getAttribute(path, "unix:mode") & FILE_TYPE_MASK) == BLOCK_DEVICE;
    }
}
