package cowfs.fuse.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.api.CheckReport;
import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The pools that mounted tests run on: image files.
public final class TestPools {
    private static final long SIZE_BYTES = 8L << 30; // sparse

    private TestPools() {}

    /// A new pool with an empty `main`.
    ///
    /// @param scratch an empty directory of the test's own
    public static Pool create(Path scratch) throws IOException {
        Images.format(image(scratch), FormatOptions.ofSize(SIZE_BYTES), false);
        return Images.open(image(scratch), OpenOptions.DEFAULTS);
    }

    /// Checks the image of a pool that has been closed.
    static void check(Path scratch) throws IOException {
        CheckReport report = Images.check(image(scratch), (done, total) -> {});
        assertEquals(List.of(), report.findings());
        assertEquals(0, report.findingCount());
    }

    private static Path image(Path scratch) {
        return scratch.resolve("pool.img");
    }
}
