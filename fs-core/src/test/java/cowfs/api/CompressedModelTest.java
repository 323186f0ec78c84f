package cowfs.api;

import cowfs.model.PoolModelContract;
import cowfs.model.PoolUnderTest;

/// Random operations do what the model does where content is compressed, and leave a sound image.
final class CompressedModelTest implements PoolModelContract {
    @Override
    public PoolUnderTest poolUnderTest() {
        return new EngineUnderTest(4096, 2).compressing("lz4");
    }
}
