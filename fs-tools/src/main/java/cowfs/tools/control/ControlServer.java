package cowfs.tools.control;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.text.ErrorText;
import cowfs.tools.text.JsonObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/// The daemon's side of the control socket: one thread accepts, one per connection answers.
///
/// Thread safe. A connection that breaks ends its thread and nothing else.
public final class ControlServer implements Closeable {
    private static final long RETRY_NANOS = 100_000_000;

    private final Endpoint endpoint;
    private final Supplier<RequestHandler> handlers;
    private final Log log;
    private final ThreadFactory threads;
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> peers = new HashSet<>(); // guarded by itself

    /// Takes requests, each connection with a handler of its own. Whoever calls this holds the lock
    /// on the image, so that a socket that is there is stale, or has a read-only image open.
    ///
    /// @throws RequestException `BUSY` when another daemon answers there
    public static ControlServer start(Endpoint endpoint, Supplier<RequestHandler> handlers, Log log)
            throws IOException {
        return start(
                endpoint,
                handlers,
                log,
                Thread.ofPlatform().daemon().name("control peer").factory());
    }

    /// @param threads for the connections
    static ControlServer start(
            Endpoint endpoint, Supplier<RequestHandler> handlers, Log log, ThreadFactory threads)
            throws IOException {
        if (!endpoint.removeStale()) {
            throw new RequestException(
                    ErrorKind.BUSY, "another daemon serves the image; try again in a moment");
        }
        ControlServer server = new ControlServer(endpoint, handlers, log, threads);
        try {
            server.listener.bind(UnixDomainSocketAddress.of(endpoint.socket()));
            Files.setPosixFilePermissions(
                    endpoint.socket(), PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            server.listener.close();
            throw e;
        }
        Thread.ofPlatform().daemon().name("control").start(server::accept);
        return server;
    }

    private ControlServer(
            Endpoint endpoint, Supplier<RequestHandler> handlers, Log log, ThreadFactory threads)
            throws IOException {
        this.threads = threads;
        this.endpoint = endpoint;
        this.handlers = handlers;
        this.log = log;
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    }

    /// Takes no more connections and removes the socket. What is connected goes on being answered.
    @Override
    public void close() throws IOException {
        listener.close();
        Files.deleteIfExists(endpoint.socket());
    }

    /// Waits until all who are connected have heard what they wanted to and closed their
    /// connections.
    ///
    /// @return false when the time ran out
    public boolean awaitPeers(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        synchronized (peers) {
            try {
                for (long left = limit.toMillis(); left > 0 && !peers.isEmpty(); ) {
                    peers.wait(left);
                    left = (deadline - System.nanoTime()) / 1_000_000;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return peers.isEmpty();
        }
    }

    private void accept() {
        boolean told = false;
        while (true) {
            try {
                SocketChannel peer = listener.accept();
                synchronized (peers) {
                    peers.add(peer);
                }
                serveApart(peer);
                told = false;
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException | RuntimeException | Error e) {
                // such as no descriptor left: without this thread nobody could unmount any more
                if (!told) {
                    log.write("a request could not be taken, it is tried again: " + e);
                }
                told = true;
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private void serveApart(SocketChannel peer) {
        try {
            threads.newThread(() -> serve(peer)).start();
        } catch (OutOfMemoryError e) { // what the JVM says at a limit of threads
            log.write("one request at a time is answered: " + e.getMessage());
            serve(peer);
        }
    }

    private void serve(SocketChannel peer) {
        try (peer;
                RequestHandler handler = handlers.get();
                BufferedReader requests =
                        new BufferedReader(
                                new InputStreamReader(
                                        Channels.newInputStream(peer), StandardCharsets.UTF_8));
                BufferedWriter replies =
                        new BufferedWriter(
                                new OutputStreamWriter(
                                        Channels.newOutputStream(peer), StandardCharsets.UTF_8))) {
            UserPrincipal user = peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
            if (!mayAsk(user)) {
                log.write("refused a request of user " + user.getName());
                return;
            }
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                write(replies, answer(handler, line, new Items(replies)));
                replies.flush();
            }
        } catch (IOException e) {
            log.write("a connection ended: " + ErrorText.describe(e));
        } finally {
            synchronized (peers) {
                peers.remove(peer);
                peers.notifyAll();
            }
        }
    }

    private record Items(BufferedWriter replies) implements ItemSink {
        @Override
        public void item(Map<String, @Nullable Object> members) throws IOException {
            write(replies, Wire.item(members));
        }

        @Override
        public void flush() throws IOException {
            replies.flush();
        }
    }

    private static void write(BufferedWriter replies, String line) throws IOException {
        replies.write(line);
        replies.write('\n');
    }

    /// The reply, or what follows behind the items of one that has many.
    private String answer(RequestHandler handler, String line, ItemSink items) throws IOException {
        try {
            JsonObject request = JsonObject.parse(line);
            Verb verb = Wire.verb(request);
            if (!verb.isStreamed()) {
                return Wire.ok(handler.handle(verb, request));
            }
            handler.stream(verb, request, items);
            return Wire.ok(Map.of());
        } catch (IOException e) {
            return Wire.error(e);
        } catch (RuntimeException | Error e) {
            log.write("unexpected failure of the request " + line, e);
            return Wire.error(
                    new IOException(
                            "unexpected failure in the daemon ("
                                    + ErrorText.describe(e)
                                    + "); its log tells more: "
                                    + endpoint.log(),
                            e));
        }
    }

    private static boolean mayAsk(UserPrincipal user) throws IOException {
        Path self = Path.of("/proc/self");
        return user.equals(Files.getOwner(self))
                || user.equals(
                        self.getFileSystem()
                                .getUserPrincipalLookupService()
                                .lookupPrincipalByName("root"));
    }

    /// Carries out the requests of one connection, and is closed when that has ended.
    public interface RequestHandler extends Closeable {
        /// The members of the reply.
        Map<String, @Nullable Object> handle(Verb verb, JsonObject request) throws IOException;

        /// Carries out a request that is answered by any number of items.
        ///
        /// @param items may wait for the other side, for as long as that likes: nothing that others
        ///   need is held while it is called
        void stream(Verb verb, JsonObject request, ItemSink items) throws IOException;
    }

    /// Takes the items of a reply.
    public interface ItemSink {
        /// @throws IOException when nobody listens any more
        void item(Map<String, @Nullable Object> members) throws IOException;

        /// Lets the other side have at once what there is so far.
        void flush() throws IOException;
    }
}
