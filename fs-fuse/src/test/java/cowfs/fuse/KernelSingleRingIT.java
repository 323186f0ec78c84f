package cowfs.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cowfs.fuse.kernel.ChannelKind;
import cowfs.fuse.mounted.ContentContract;
import cowfs.fuse.mounted.EnabledRings;
import cowfs.fuse.mounted.MountedDirectory;
import cowfs.fuse.mounted.SnapshotContract;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A mount over io_uring with as few threads as there may be: whatever waits must not wait on it.
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

    /// The server that takes over is made for the first of them: the barrier may come before it is
    /// ready.
    @Test
    void theFirstSnapshotsOfManyMountsAreTaken() throws IOException {
        for (int i = 0; i < 20; i++) {
            try (var open = Files.newOutputStream(at("f"))) {
                open.write(i);
                Files.createDirectory(at(".snapshots/s" + i));
            }
            byte[] kept = Files.readAllBytes(at(".snapshots/s" + i + "/f"));
            assertArrayEquals(new byte[] {(byte) i}, kept);
            mounted.remount();
        }
    }

    @Override
    public MountedDirectory mounted() {
        return mounted;
    }
}
