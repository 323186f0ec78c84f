package cowfs.fuse;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cowfs.fuse.kernel.ChannelKind;
import cowfs.fuse.mounted.AttributeContract;
import cowfs.fuse.mounted.ContentContract;
import cowfs.fuse.mounted.CrowdContract;
import cowfs.fuse.mounted.EnabledRings;
import cowfs.fuse.mounted.KernelContract;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.NameContract;
import cowfs.fuse.mounted.SnapshotContract;
import cowfs.fuse.mounted.TreeContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The contract of a mount, through the kernel's own protocol over io_uring.
final class KernelRingIT
        implements AttributeContract,
                ContentContract,
                CrowdContract,
                KernelContract,
                NameContract,
                SnapshotContract,
                TreeContract {
    private MountedDirectory mounted;

    @BeforeEach
    void mount() throws IOException {
        assumeTrue(EnabledRings.arePossible(), "Linux 6.14 and root");
        mounted = new MountedDirectory(MountOptions.of("test.img").withChannel(ChannelKind.URING));
        String transport = mounted.mount().transport();
        assertTrue(transport.contains("io_uring, "), transport);
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
