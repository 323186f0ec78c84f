package cowfs.model;

import cowfs.api.Ref;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;

/// The model keeps the contract that it is the measure of.
final class ModelVolumeTest implements VolumeContract {
    private ModelPool pool = new ModelPool(Timestamp::now);

    @Override
    public Volume volume() throws IOException {
        return pool.volume(Ref.MAIN);
    }

    @Override
    public Volume reopen() throws IOException {
        pool.close();
        pool = pool.reopen();
        return volume();
    }

    @AfterEach
    void close() {
        pool.close();
    }
}
