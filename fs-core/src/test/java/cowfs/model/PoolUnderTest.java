package cowfs.model;

import cowfs.api.Pool;
import java.io.IOException;

/// One image and how tests make, open and check it: what stands between the pool tests and an
/// implementation of {@link Pool}.
public interface PoolUnderTest {
    /// Makes a new image with nothing but an empty `main` and opens it for writing. Called once,
    /// first.
    ///
    /// @param imageBytes size of the image
    Pool create(long imageBytes) throws IOException;

    /// Opens the closed image for writing.
    Pool open() throws IOException;

    /// Fails with an {@link AssertionError} that names all findings unless the closed image is
    /// sound.
    void check() throws IOException;

    /// Closes a pool and checks what it left.
    default void close(Pool pool) throws IOException {
        pool.close();
        check();
    }

    /// Closes a pool, checks what it left and opens that.
    default Pool reopen(Pool pool) throws IOException {
        close(pool);
        return open();
    }
}
