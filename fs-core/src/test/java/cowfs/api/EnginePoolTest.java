package cowfs.api;

import cowfs.model.PathContract;
import cowfs.model.PoolContract;
import cowfs.model.PoolNameContract;
import cowfs.model.RollbackContract;
import cowfs.model.TreeCopyContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The engine keeps the contract of snapshots and clones.
final class EnginePoolTest
        implements PoolContract,
                PoolNameContract,
                RollbackContract,
                PathContract,
                TreeCopyContract {
    private final EngineUnderTest engine = new EngineUnderTest(4096, 2);
    private Pool pool;

    @BeforeEach
    void create() throws IOException {
        pool = engine.create(256L << 20);
    }

    @AfterEach
    void close() throws IOException {
        engine.close(pool);
    }

    @Override
    public Pool pool() {
        return pool;
    }

    @Override
    public Pool reopen() throws IOException {
        pool = engine.reopen(pool);
        return pool;
    }
}
