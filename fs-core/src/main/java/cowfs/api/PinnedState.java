package cowfs.api;

import cowfs.file.ReadableVolume;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// One committed state of a pool, readable for as long as it is open, whatever is written and
/// deleted meanwhile.
///
/// While it is open the image fills as if a snapshot of all of it had been taken: freed blocks that
/// the state reaches are not used again. It gives way when the space is needed: then reads fail
/// with `BUSY`, and nothing wrong is ever read. A pool has at most 64 at a time.
///
/// Thread safe.
public interface PinnedState extends Closeable {
    /// The transaction group that wrote the state.
    long txg();

    /// All subvolumes and snapshots of the state, in the order of {@link PoolOperations#list}.
    List<SubvolumeInfo> list() throws IOException;

    /// The files of a subvolume or snapshot as they were.
    ///
    /// @throws IOException `NOT_FOUND`
    ReadableVolume volume(Ref ref) throws IOException;

    /// Lets go of the state. Whatever was read from it fails from now on.
    @Override
    void close() throws IOException;
}
