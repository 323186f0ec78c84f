package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.device.MemoryDevice;
import cowfs.model.PoolUnderTest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The engine over a memory device as a pool under test.
final class EngineUnderTest implements PoolUnderTest {
    private static final OpenOptions OPTIONS =
            new OpenOptions(false, 4L << 20, Duration.ofMillis(200));

    private final int nodeBytes;
    private final int copies;
    private @Nullable MemoryDevice device;
    private @Nullable String compress;

    EngineUnderTest(int nodeBytes, int copies) {
        this.nodeBytes = nodeBytes;
        this.copies = copies;
    }

    /// Sets how content of `main`, and of what is cloned from it, is compressed.
    EngineUnderTest compressing(String how) {
        compress = how;
        return this;
    }

    @Override
    public Pool create(long imageBytes) throws IOException {
        device = new MemoryDevice(imageBytes);
        Images.format(device, new FormatOptions(imageBytes, nodeBytes, copies, "test"));
        Pool pool = open();
        if (compress != null) {
            pool.setProperty(Ref.MAIN, Property.COMPRESS, compress);
        }
        return pool;
    }

    @Override
    public Pool open() throws IOException {
        device = Objects.requireNonNull(device).copy();
        return Images.open(device, OPTIONS);
    }

    @Override
    public void check() throws IOException {
        CheckReport report =
                Images.check(Objects.requireNonNull(device).copy(), (done, total) -> {});
        assertEquals(List.of(), report.findings());
    }
}
