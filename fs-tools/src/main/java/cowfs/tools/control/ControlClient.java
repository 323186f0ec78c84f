package cowfs.tools.control;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.text.JsonObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The command's side of a control socket. Thread safe: requests wait for each other.
public final class ControlClient implements Closeable {
    private final Endpoint endpoint;
    private final SocketChannel channel;
    private final BufferedReader replies;
    private final BufferedWriter requests;
    private boolean gone;

    /// Connects to the daemon that listens at an endpoint; empty when there is none, whether it
    /// never was or was killed.
    public static Optional<ControlClient> connect(Endpoint endpoint) throws IOException {
        if (!Files.exists(endpoint.socket())) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new ControlClient(
                            endpoint,
                            SocketChannel.open(UnixDomainSocketAddress.of(endpoint.socket()))));
        } catch (ConnectException killed) {
            return Optional.empty();
        } catch (SocketException e) {
            if (!Files.exists(endpoint.socket())) {
                return Optional.empty();
            }
            throw new IOException("control socket " + endpoint.socket() + ": " + e.getMessage(), e);
        }
    }

    private ControlClient(Endpoint endpoint, SocketChannel channel) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.replies =
                new BufferedReader(
                        new InputStreamReader(
                                Channels.newInputStream(channel), StandardCharsets.UTF_8));
        this.requests =
                new BufferedWriter(
                        new OutputStreamWriter(
                                Channels.newOutputStream(channel), StandardCharsets.UTF_8));
    }

    /// Sends a request and waits for what comes of it, however long that takes.
    public synchronized JsonObject call(Verb verb, Map<String, @Nullable Object> arguments)
            throws IOException {
        send(verb, arguments);
        return Wire.result(receive());
    }

    /// Sends a request that is answered by any number of items, on a connection of its own.
    public ItemStream stream(Verb verb, Map<String, @Nullable Object> arguments)
            throws IOException {
        ControlClient own = connect(endpoint).orElseThrow(() -> gone(null));
        try {
            own.send(verb, arguments);
            return new ItemStream(own);
        } catch (IOException | RuntimeException failed) {
            own.close();
            throw failed;
        }
    }

    /// The items of a reply, one after the other. Not thread safe.
    public static final class ItemStream implements Closeable {
        private final ControlClient client;
        private boolean ended;

        private ItemStream(ControlClient client) {
            this.client = client;
        }

        /// The next item; null when there is none left.
        ///
        /// @throws RequestException what failed on the other side
        public @Nullable JsonObject next() throws IOException {
            if (ended) {
                return null;
            }
            JsonObject item = Wire.lookupItem(client.receive());
            ended = item == null;
            return item;
        }

        /// Ends it on both sides.
        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    private void send(Verb verb, Map<String, @Nullable Object> arguments) throws IOException {
        try {
            requests.write(Wire.request(verb, arguments));
            requests.write('\n');
            requests.flush();
        } catch (IOException e) {
            throw gone(e);
        }
    }

    private String receive() throws IOException {
        String reply;
        try {
            reply = replies.readLine();
        } catch (IOException e) {
            throw gone(e);
        }
        if (reply == null) {
            throw gone(null);
        }
        return reply;
    }

    /// Where the daemon listens.
    Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /// Whether the daemon ended before it answered.
    public synchronized boolean isGone() {
        return gone;
    }

    private RequestException gone(@Nullable Throwable cause) {
        gone = true;
        return new RequestException(
                ErrorKind.IO,
                "the daemon ended before it answered; its log tells more: "
                        + endpoint.log()
                        + "; umount and mount again"
                        + (cause == null ? "" : " (" + cause.getMessage() + ")"));
    }
}
