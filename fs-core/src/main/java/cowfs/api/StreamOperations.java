package cowfs.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Sends snapshots to other images, and receives them.
public interface StreamOperations {
    /// Writes snapshots as a stream. Whoever writes to the pool meanwhile is not kept from it; the
    /// snapshots can't be deleted meanwhile.
    ///
    /// @param target is not closed
    void send(SendRequest request, OutputStream target) throws IOException;

    /// Receives the snapshots of a stream as snapshots of the subvolume `name`. Each becomes
    /// visible when all of it has been verified; what a failure leaves stays hidden.
    ///
    /// @param source is read to its end and not closed
    /// @return the snapshots, in the order of the stream
    List<SubvolumeInfo> receive(String name, InputStream source) throws IOException;

    /// Where a receive that was cut can go on, for {@link SendRequest#resuming}; null when there is
    /// none.
    @Nullable String receiveToken(String name) throws IOException;

    /// The snapshots of a subvolume, oldest first, each with the UUID that it has in every image
    /// that has it: that of where it was taken. Empty when there is no such subvolume.
    SequencedMap<Ref, UUID> identities(String name) throws IOException;

    /// Gives up a receive that was cut, and what it has received.
    void abortReceive(String name) throws IOException;
}
