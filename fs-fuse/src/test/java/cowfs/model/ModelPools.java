package cowfs.model;

import cowfs.api.Pool;
import cowfs.file.Timestamp;

/// The door of the model for other rooms' tests.
public final class ModelPools {
    private ModelPools() {}

    /// A pool in memory with an empty `main`.
    public static Pool create() {
        return new ModelPool(Timestamp::now);
    }
}
