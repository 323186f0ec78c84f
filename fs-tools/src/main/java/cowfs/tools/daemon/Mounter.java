package cowfs.tools.daemon;

import cowfs.api.Pool;
import cowfs.api.Ref;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The way to mount: the FUSE adapter, or what stands for it in a test.
@FunctionalInterface
public interface Mounter {
    /// Mounts; the mount is up when the call returns.
    ///
    /// @param options as after `-o`, `ro` among them for a mount that is read-only
    Handle mount(Pool pool, Ref ref, Path directory, List<String> options) throws IOException;

    /// One mount.
    interface Handle {
        /// Returns when the kernel has let go of the mount, whoever unmounted it.
        void awaitUnmounted() throws InterruptedException;

        /// Unmounts, busy or not.
        void unmount() throws IOException;
    }
}
