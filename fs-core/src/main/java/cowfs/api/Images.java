package cowfs.api;

import java.io.IOException;
import java.nio.file.Path;

/// The doors to image files: make one, open one, check one.
public final class Images {
    private Images() {}

    /// Makes an image file with one empty subvolume, `main`. The file must not exist yet or be a
    /// block device or an empty file, unless `overwrite` is set; nothing is left behind when it
    /// fails.
    public static void format(Path image, FormatOptions options, boolean overwrite)
            throws IOException {
        throw new UnsupportedOperationException(image + " " + options + overwrite);
    }

    /// Opens an image. Opening for writing takes a lock on the file and is refused with `BUSY`
    /// while another process holds it.
    public static Pool open(Path image, OpenOptions options) throws IOException {
        throw new UnsupportedOperationException(image + " " + options);
    }

    /// Verifies everything in an image without changing it.
    public static CheckReport check(Path image, CheckListener listener) throws IOException {
        throw new UnsupportedOperationException(image + " " + listener);
    }

    /// Told how a check goes on, for a progress bar.
    @FunctionalInterface
    public interface CheckListener {
        /// @param doneBytes verified so far
        /// @param totalBytes estimate of all
        void progress(long doneBytes, long totalBytes);
    }
}
