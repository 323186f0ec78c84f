package cowfs.tools.daemon;

import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.api.StreamOperations;
import cowfs.api.SubvolumeInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The streams of a daemon's pool: the pool is not closed before one that is under way ends. Thread
/// safe.
final class ServedStreams implements StreamOperations {
    private final ServedPool pool;
    private final StreamOperations streams;

    ServedStreams(ServedPool pool, StreamOperations streams) {
        this.pool = pool;
        this.streams = streams;
    }

    @Override
    public void send(SendRequest request, OutputStream target) throws IOException {
        pool.inside(
                () -> {
                    streams.send(request, target);
                    return request;
                });
    }

    @Override
    public List<SubvolumeInfo> receive(String name, InputStream source) throws IOException {
        return pool.inside(() -> streams.receive(name, source));
    }

    @Override
    public SequencedMap<Ref, UUID> identities(String name) throws IOException {
        return pool.inside(() -> streams.identities(name));
    }

    @Override
    public @Nullable String receiveToken(String name) throws IOException {
        return pool.inside(() -> streams.receiveToken(name));
    }

    @Override
    public void abortReceive(String name) throws IOException {
        pool.inside(
                () -> {
                    streams.abortReceive(name);
                    return name;
                });
    }
}
