package cowfs.fuse;

import cowfs.fuse.mounted.ContentContract;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.SnapshotContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The contract of a mount that hands over at once what programs write.
final class KernelWritethroughIT implements ContentContract, SnapshotContract {
    private MountedDirectory mounted;

    @BeforeEach
    void mount() throws IOException {
        mounted = new MountedDirectory(MountOptions.of("test.img").withWriteback(false));
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
