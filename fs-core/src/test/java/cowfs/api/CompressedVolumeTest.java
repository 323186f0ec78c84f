package cowfs.api;

import cowfs.file.Volume;
import cowfs.model.VolumeContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The engine keeps the contract of a volume where content is compressed.
final class CompressedVolumeTest implements VolumeContract {
    private final EngineUnderTest engine = new EngineUnderTest(4096, 2).compressing("zstd:1");
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
    public Volume volume() throws IOException {
        return pool.volume(Ref.MAIN);
    }

    @Override
    public Volume reopen() throws IOException {
        pool = engine.reopen(pool);
        return volume();
    }
}
