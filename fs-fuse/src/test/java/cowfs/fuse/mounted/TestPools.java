package cowfs.fuse.mounted;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import java.io.IOException;
import java.nio.file.Path;

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

    private static Path image(Path scratch) {
        return scratch.resolve("pool.img");
    }
}
