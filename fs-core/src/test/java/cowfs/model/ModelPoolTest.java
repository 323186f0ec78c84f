package cowfs.model;

import cowfs.api.Pool;
import cowfs.file.Timestamp;
import org.junit.jupiter.api.BeforeEach;

/// The model keeps the contract of pools.
final class ModelPoolTest
        implements PoolContract,
                PoolNameContract,
                RollbackContract,
                PathContract,
                TreeCopyContract {
    private final ModelPoolUnderTest model = new ModelPoolUnderTest(Timestamp::now);

    @BeforeEach
    void create() {
        model.create(0);
    }

    @Override
    public Pool pool() {
        return model.pool();
    }

    @Override
    public Pool reopen() {
        model.pool().close();
        return model.open();
    }
}
