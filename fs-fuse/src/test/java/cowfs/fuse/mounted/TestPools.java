package cowfs.fuse.mounted;

import cowfs.api.Pool;
import cowfs.model.ModelPools;
import java.io.IOException;
import java.nio.file.Path;

/// The pool that mounted tests run on.
public final class TestPools {
    private TestPools() {}

    /// A new pool with an empty `main`.
    ///
    /// @param scratch an empty directory of the test's own
    public static Pool create(Path scratch) throws IOException {
        return ModelPools.create();
    }
}
