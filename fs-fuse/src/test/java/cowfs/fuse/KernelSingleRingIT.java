package cowfs.fuse;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cowfs.fuse.kernel.ChannelKind;
import cowfs.fuse.mounted.ContentContract;
import cowfs.fuse.mounted.EnabledRings;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.SnapshotContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A mount over io_uring served by one thread on each processor: whatever waits must not wait on
/// it.
final class KernelSingleRingIT implements ContentContract, SnapshotContract {
    private MountedDirectory mounted;

    @BeforeEach
    void mount() throws IOException {
        assumeTrue(EnabledRings.arePossible(), "Linux 6.14 and root");
        mounted =
                new MountedDirectory(
                        MountOptions.of("test.img")
                                .withThreadCount(1)
                                .withChannel(ChannelKind.URING));
    }

    @AfterEach
    void unmount() throws IOException {
        if (mounted != null) {
            mounted.close();
        }
    }

    @Override
    public MountedDirectory mounted() {
        return mounted;
    }
}
