package cowfs.tools.place;

import cowfs.api.PoolOperations;
import cowfs.tools.control.MountService;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// A command's use of a pool, until it is closed.
///
/// @param mounts the daemon that serves the pool; empty when this process opened the image
/// @param closing the pool or the connection
public record PoolSession(
        Path image, PoolOperations pool, Optional<MountService> mounts, Closeable closing)
        implements Closeable {
    public boolean isMounted() {
        return mounts.isPresent();
    }

    @Override
    public void close() throws IOException {
        closing.close();
    }
}
