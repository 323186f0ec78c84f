package cowfs.tools.control;

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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/// The daemon's side of the control socket: one thread accepts, one per connection answers.
///
/// Thread safe. A connection that breaks ends its thread and nothing else.
public final class ControlServer implements Closeable {
    private final Endpoint endpoint;
    private final RequestHandler handler;
    private final Log log;
    private final ServerSocketChannel listener;
    // held for reading from a request until its reply is out
    private final ReentrantReadWriteLock answering = new ReentrantReadWriteLock();

    /// Takes requests. Whoever calls this holds the lock on the image, so that a socket that is
    /// there is stale.
    public static ControlServer start(Endpoint endpoint, RequestHandler handler, Log log)
            throws IOException {
        endpoint.removeStale();
        ControlServer server = new ControlServer(endpoint, handler, log);
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

    private ControlServer(Endpoint endpoint, RequestHandler handler, Log log) throws IOException {
        this.endpoint = endpoint;
        this.handler = handler;
        this.log = log;
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    }

    /// Takes no more connections and removes the socket. What is connected goes on being answered.
    @Override
    public void close() throws IOException {
        listener.close();
        Files.deleteIfExists(endpoint.socket());
    }

    /// Waits until each request that came before has its reply.
    ///
    /// @return false when the time ran out
    public boolean awaitReplies(Duration limit) {
        try {
            boolean idle = answering.writeLock().tryLock(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (idle) {
                answering.writeLock().unlock();
            }
            return idle;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel peer = listener.accept();
                Thread.ofPlatform().daemon().name("control peer").start(() -> serve(peer));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                log.write("control socket failed, no more requests are taken: " + e);
                return;
            }
        }
    }

    private void serve(SocketChannel peer) {
        try (peer;
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
                answering.readLock().lock();
                try {
                    replies.write(answer(line));
                    replies.write('\n');
                    replies.flush();
                } finally {
                    answering.readLock().unlock();
                }
            }
        } catch (IOException e) {
            log.write("a connection ended: " + ErrorText.describe(e));
        }
    }

    private String answer(String line) throws IOException {
        try {
            JsonObject request = JsonObject.parse(line);
            return Wire.ok(handler.handle(Wire.verb(request), request));
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

    /// Carries out a request.
    @FunctionalInterface
    public interface RequestHandler {
        /// The members of the reply.
        Map<String, @Nullable Object> handle(Verb verb, JsonObject request) throws IOException;
    }
}
