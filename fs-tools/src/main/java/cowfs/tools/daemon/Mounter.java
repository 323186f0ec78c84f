package cowfs.tools.daemon;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.fuse.operation.RequestTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The way to mount: the FUSE adapter, or what stands for it in a test.
public interface Mounter {
    /// Mounts; the mount is up when the call returns.
    ///
    /// @param options as after `-o`
    Handle mount(Pool pool, Ref ref, Path directory, List<String> options) throws IOException;

    /// The operations of a pool that has mounts: what programs have written in them is in a
    /// snapshot, and what is mounted can't be deleted.
    PoolOperations operations(Pool pool);

    /// One mount.
    interface Handle {
        boolean readOnly();

        /// The transport and what it agreed on with the kernel, for people.
        String transport();

        /// How often the kernel has asked for each operation.
        Map<String, Long> requestCounts();

        /// How requests have been served; empty when that is not measured.
        Map<String, RequestTime> requestTimes();

        /// Returns when the kernel has let go of the mount, whoever unmounted it.
        void awaitUnmounted() throws InterruptedException;

        /// Whether the mount has ended, or is ending, for a defect of what serves it.
        boolean hasFailed();

        /// Takes the mount point away, also when something in it is in use.
        void unmount() throws IOException;
    }
}
