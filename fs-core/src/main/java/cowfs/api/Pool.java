package cowfs.api;

import cowfs.file.Volume;
import java.io.Closeable;
import java.io.IOException;

/// An image opened by this process.
///
/// Thread safe. {@link #close} commits what is left, seals the last superblock and gives the image
/// free; after a failed write or flush it gives it free without a commit, and the next open finds
/// the last durable state.
public interface Pool extends PoolOperations, Closeable {
    /// Opens the files of a subvolume or snapshot. Volumes of one ref share one tree and need no
    /// closing; they fail once the pool is closed or the ref is deleted.
    Volume volume(Ref ref) throws IOException;

    /// Whether this pool was opened for reading only.
    boolean readOnly();

    /// What it has done since it was opened.
    PoolActivity activity();

    @Override
    void close() throws IOException;
}
