package cowfs.tools.control;

import cowfs.api.BookmarkRef;
import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.api.StreamOperations;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Requests for streams, as they stand on the wire. The bytes of a stream go through a socket of
/// their own, at which the command listens: the daemon connects to it, and closes it when it is
/// done, well or not. What came of it is the reply to the request.
final class StreamRequests {
    private static final String SOCKET = "socket";
    private static final String NAME = "name";
    private static final String TOKEN = "token";
    private static final String REF = "ref";
    private static final String FROM = "from";
    private static final String BOOKMARK = "bookmark";
    private static final String BETWEEN = "between";

    private StreamRequests() {}

    static Map<String, @Nullable Object> of(SendRequest request, UnixDomainSocketAddress socket) {
        Map<String, @Nullable Object> members = of(socket);
        members.put(REF, request.snapshot() == null ? null : request.snapshot().toString());
        members.put(FROM, request.from() == null ? null : request.from().toString());
        members.put(BOOKMARK, request.bookmark() == null ? null : request.bookmark().toString());
        members.put(BETWEEN, request.between());
        members.put(TOKEN, request.token());
        return members;
    }

    static Map<String, @Nullable Object> of(String name, UnixDomainSocketAddress socket) {
        Map<String, @Nullable Object> members = of(socket);
        members.put(NAME, name);
        return members;
    }

    private static Map<String, @Nullable Object> of(UnixDomainSocketAddress socket) {
        Map<String, @Nullable Object> members = PoolJson.members();
        members.put(SOCKET, socket.getPath().toString());
        return members;
    }

    static Map<String, @Nullable Object> of(String name) {
        Map<String, @Nullable Object> members = PoolJson.members();
        members.put(NAME, name);
        return members;
    }

    /// The token in a reply.
    static @Nullable String token(JsonObject reply) throws IOException {
        return reply.has(TOKEN) ? reply.text(TOKEN) : null;
    }

    private static SendRequest sendRequest(JsonObject request) throws IOException {
        return new SendRequest(
                request.has(REF) ? Ref.parse(request.text(REF)) : null,
                request.has(FROM) ? Ref.parse(request.text(FROM)) : null,
                request.has(BOOKMARK) ? BookmarkRef.parse(request.text(BOOKMARK)) : null,
                request.flag(BETWEEN),
                request.has(TOKEN) ? request.text(TOKEN) : null);
    }

    static Map<String, @Nullable Object> handle(
            StreamOperations streams, Verb verb, JsonObject request) throws IOException {
        return switch (verb) {
            case SEND -> {
                try (SocketChannel channel = connect(request);
                        OutputStream out = Channels.newOutputStream(channel)) {
                    streams.send(sendRequest(request), out);
                }
                yield PoolJson.members();
            }
            case RECEIVE -> {
                try (SocketChannel channel = connect(request);
                        InputStream in = Channels.newInputStream(channel)) {
                    yield PoolJson.items(
                            streams.receive(request.text(NAME), in).stream()
                                    .map(PoolJson::of)
                                    .toList());
                }
            }
            case RECEIVE_TOKEN -> {
                Map<String, @Nullable Object> reply = PoolJson.members();
                reply.put(TOKEN, streams.receiveToken(request.text(NAME)));
                yield reply;
            }
            case IDENTITIES -> PoolJson.ofIdentities(streams.identities(request.text(NAME)));
            case ABORT_RECEIVE -> {
                streams.abortReceive(request.text(NAME));
                yield PoolJson.members();
            }
            default -> throw new IllegalStateException("no request for a stream: " + verb);
        };
    }

    private static SocketChannel connect(JsonObject request) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(request.text(SOCKET)));
    }
}
