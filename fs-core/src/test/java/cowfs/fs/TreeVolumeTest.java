package cowfs.fs;

import cowfs.file.Volume;
import cowfs.model.VolumeContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The volume of a file tree keeps the contract with large nodes, where more content is inline than
/// small ones allow.
final class TreeVolumeTest implements VolumeContract {
    private TreeFixture fixture;
    private TreeVolume volume;

    @BeforeEach
    void open() throws IOException {
        fixture = new TreeFixture(16384, 1, 128 << 20);
        volume = fixture.volume();
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    @Override
    public Volume volume() {
        return volume;
    }

    @Override
    public Volume reopen() throws IOException {
        fixture.reopen();
        volume = fixture.volume();
        volume.recoverOrphans();
        return volume;
    }
}
