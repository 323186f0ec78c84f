package cowfs.tools.replica;

import cowfs.api.Ref;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The pool that a subvolume is replicated to. Not thread safe.
interface ReplicaSide {
    /// The snapshots of the replica, oldest first, and what they are the same as; empty when there
    /// is no replica yet.
    SequencedMap<Ref, UUID> identities() throws IOException;

    /// Where a receive that was cut goes on; null when none was.
    @Nullable String token() throws IOException;

    /// Gives up a receive that was cut.
    void abort() throws IOException;

    /// Receives what `sending` writes.
    ///
    /// @throws IOException why it was not received, rather than that it could not be sent
    void receive(Sending sending) throws IOException;

    /// Those of the snapshots that are held.
    Set<Ref> held(List<Ref> snapshots) throws IOException;

    void delete(List<Ref> snapshots) throws IOException;

    /// Writes a stream.
    @FunctionalInterface
    interface Sending {
        void to(OutputStream target) throws IOException;
    }
}
