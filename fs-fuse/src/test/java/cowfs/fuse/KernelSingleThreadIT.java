package cowfs.fuse;

import cowfs.fuse.mounted.ContentContract;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.SnapshotContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A mount served by one thread: whatever waits must not wait on it.
final class KernelSingleThreadIT implements ContentContract, SnapshotContract {
    private MountedDirectory mounted;

    @BeforeEach
    void mount() throws IOException {
        mounted = new MountedDirectory(MountOptions.of("test.img").withThreadCount(1));
    }

    @AfterEach
    void unmount() throws IOException {
        mounted.close();
    }

    @Override
    public MountedDirectory mounted() {
        return mounted;
    }
}
