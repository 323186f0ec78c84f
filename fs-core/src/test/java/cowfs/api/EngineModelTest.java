package cowfs.api;

import cowfs.model.PoolModelContract;
import cowfs.model.PoolUnderTest;

/// Random operations on the engine do what the model does, and leave a sound image.
final class EngineModelTest implements PoolModelContract {
    @Override
    public PoolUnderTest poolUnderTest() {
        return new EngineUnderTest(4096, 2);
    }
}
