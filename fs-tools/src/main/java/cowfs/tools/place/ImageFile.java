package cowfs.tools.place;

import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Looks at a file that is to be an image, before the engine does.
public final class ImageFile {
    private static final int FILE_TYPE_MASK = 0170000;
    private static final int BLOCK_DEVICE = 0060000;

    private ImageFile() {}

    /// The absolute path, without symbolic links, of a file that may hold an image.
    ///
    /// @throws ImageException for what can't be one whatever it holds
    public static Path require(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new ImageException(
                    ErrorKind.NOT_FOUND,
                    "image " + path + " does not exist; make it with 'cowfs mkfs " + path + "'");
        }
        requireFileOrDevice(path);
        if (Files.isRegularFile(path) && Files.size(path) == 0) {
            throw new ImageException(
                    ErrorKind.NOT_AN_IMAGE,
                    path + " is empty; make an image of it with 'cowfs mkfs " + path + "'");
        }
        return path.toRealPath();
    }

    /// Checks that what is there, if anything, is a regular file or a block device.
    public static void requireFileOrDevice(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new ImageException(
                    ErrorKind.NOT_AN_IMAGE, path + " is a directory; name an image file");
        }
        if (Files.exists(path) && !Files.isRegularFile(path) && !isBlockDevice(path)) {
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

    private static boolean isBlockDevice(Path path) throws IOException {
        return ((int) Files.getAttribute(path, "unix:mode") & FILE_TYPE_MASK) == BLOCK_DEVICE;
    }
}
