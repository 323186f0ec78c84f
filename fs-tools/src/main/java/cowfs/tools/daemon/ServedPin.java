package cowfs.tools.daemon;

import cowfs.api.PinnedState;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.file.ReadableVolume;
import java.io.IOException;
import java.util.List;

/// A pinned state of a daemon's pool, which nothing reaches any more once the pool is closed.
/// Thread safe.
final class ServedPin implements PinnedState {
    private final ServedPool pool;
    private final PinnedState state;

    ServedPin(ServedPool pool, PinnedState state) {
        this.pool = pool;
        this.state = state;
    }

    @Override
    public long txg() {
        return state.txg();
    }

    @Override
    public List<SubvolumeInfo> list() throws IOException {
        return pool.inside(state::list);
    }

    @Override
    public ReadableVolume volume(Ref ref) throws IOException {
        return new ServedVolume(pool, pool.inside(() -> state.volume(ref)));
    }

    /// Also when the pool is closed: that has ended it already, and this changes nothing.
    @Override
    public void close() throws IOException {
        state.close();
    }
}
