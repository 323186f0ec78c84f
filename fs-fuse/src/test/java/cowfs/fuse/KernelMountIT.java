package cowfs.fuse;

import cowfs.fuse.mounted.AttributeContract;
import cowfs.fuse.mounted.ContentContract;
import cowfs.fuse.mounted.CrowdContract;
import cowfs.fuse.mounted.KernelContract;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.NameContract;
import cowfs.fuse.mounted.SnapshotContract;
import cowfs.fuse.mounted.TreeContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The contract of a mount, through the kernel's own protocol.
final class KernelMountIT
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
        mounted = new MountedDirectory(MountOptions.of("test.img").withTransport(Transport.KERNEL));
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
