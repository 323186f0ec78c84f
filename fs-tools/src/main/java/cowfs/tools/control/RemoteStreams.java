package cowfs.tools.control;

import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.api.StreamOperations;
import cowfs.api.SubvolumeInfo;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The streams of a pool that a daemon serves. Thread safe.
final class RemoteStreams implements StreamOperations {
    private final ControlClient client;

    RemoteStreams(ControlClient client) {
        this.client = client;
    }

    @Override
    public void send(SendRequest request, OutputStream target) throws IOException {
        try (StreamSocket socket = StreamSocket.listen(client.endpoint())) {
            socket.copyTo(target);
            try {
                client.call(Verb.SEND, StreamRequests.of(request, socket.address()));
            } catch (IOException failed) {
                // when the target can't be written that is why the daemon's end broke
                socket.finish(failed);
                throw failed;
            }
            socket.finish(null);
        }
    }

    @Override
    public List<SubvolumeInfo> receive(String name, InputStream source) throws IOException {
        try (StreamSocket socket = StreamSocket.listen(client.endpoint())) {
            socket.copyFrom(source);
            List<SubvolumeInfo> received = new ArrayList<>();
            JsonObject reply = client.call(Verb.RECEIVE, StreamRequests.of(name, socket.address()));
            for (JsonObject item : reply.objects("items")) {
                received.add(PoolJson.subvolumeInfo(item));
            }
            return received;
        }
    }

    @Override
    public @Nullable String receiveToken(String name) throws IOException {
        return StreamRequests.token(client.call(Verb.RECEIVE_TOKEN, StreamRequests.of(name)));
    }

    @Override
    public SequencedMap<Ref, UUID> identities(String name) throws IOException {
        return PoolJson.identities(client.call(Verb.IDENTITIES, StreamRequests.of(name)));
    }

    @Override
    public void abortReceive(String name) throws IOException {
        client.call(Verb.ABORT_RECEIVE, StreamRequests.of(name));
    }
}
