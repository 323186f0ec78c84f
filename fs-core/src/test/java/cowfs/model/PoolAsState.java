package cowfs.model;

import cowfs.api.PinnedState;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.file.ReadableVolume;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// What a pool holds, as a pinned state: it stays as it is if the pool does.
///
/// @param end what letting go of it does
record PoolAsState(Pool pool, Closeable end) implements PinnedState {
    @Override
    public long txg() {
        return 1;
    }

    @Override
    public List<SubvolumeInfo> list() throws IOException {
        return pool.list();
    }

    @Override
    public ReadableVolume volume(Ref ref) throws IOException {
        return pool.volume(ref);
    }

    @Override
    public void close() throws IOException {
        end.close();
    }
}
