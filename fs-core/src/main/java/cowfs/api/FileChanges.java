package cowfs.api;

import cowfs.file.FileChange;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The differences between two states of files, one after the other, found as they are asked for.
///
/// Memory does not grow with their number. While it is open a live subvolume's state is pinned:
/// close it. Not thread safe.
public interface FileChanges extends Closeable {
    /// The next difference, in the order of inode numbers; null when there is none left.
    ///
    /// @throws IOException `NOT_FOUND` when one of the snapshots was deleted meanwhile, `BUSY` when
    ///   a live subvolume's state could not be kept because its space was needed, `CORRUPT`
    @Nullable FileChange next() throws IOException;

    @Override
    void close() throws IOException;
}
