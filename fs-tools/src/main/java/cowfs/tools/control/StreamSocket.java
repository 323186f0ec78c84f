package cowfs.tools.control;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The command's end of a stream: a socket beside the daemon's control socket, in the directory
/// that nobody else can enter, for one connection. A thread of its own carries the bytes.
///
/// Used from one thread, once.
final class StreamSocket implements Closeable {
    private static final int BUFFER_BYTES = 1 << 20;

    private final UnixDomainSocketAddress address;
    private final ServerSocketChannel listener;
    private @Nullable Thread carrier;
    private volatile @Nullable IOException failure;

    /// Takes the socket away when the command is interrupted before the daemon has come.
    private final Thread interrupted = new Thread(this::removeQuietly, "remove stream socket");

    private StreamSocket(UnixDomainSocketAddress address, ServerSocketChannel listener) {
        this.address = address;
        this.listener = listener;
        Runtime.getRuntime().addShutdownHook(interrupted);
    }

    static StreamSocket listen(Endpoint daemon) throws IOException {
        Path path = daemon.socket().resolveSibling("stream-" + UUID.randomUUID());
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(address);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            UserPrincipal owner = Files.getOwner(daemon.socket());
            if (!owner.equals(Files.getOwner(path))) {
                // root asks somebody else's daemon
                Files.setOwner(path, owner);
            }
            return new StreamSocket(address, listener);
        } catch (IOException failed) {
            listener.close();
            Files.deleteIfExists(path);
            throw failed;
        }
    }

    UnixDomainSocketAddress address() {
        return address;
    }

    /// Carries what the daemon writes to `target`.
    void copyTo(OutputStream target) {
        start(
                channel -> {
                    InputStream in = Channels.newInputStream(channel);
                    byte[] buffer = new byte[BUFFER_BYTES];
                    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                        write(target, buffer, count);
                    }
                    target.flush();
                });
    }

    private void write(OutputStream target, byte[] buffer, int count) throws IOException {
        try {
            target.write(buffer, 0, count);
        } catch (IOException closed) {
            failure =
                    new IOException(
                            "the stream can't be written on: "
                                    + closed.getMessage()
                                    + "; what the receiver has kept can be resumed",
                            closed);
            throw closed;
        }
    }

    /// Carries what `source` has to the daemon.
    void copyFrom(InputStream source) {
        start(
                channel -> {
                    OutputStream out = Channels.newOutputStream(channel);
                    byte[] buffer = new byte[BUFFER_BYTES];
                    for (int count = source.read(buffer); count >= 0; count = source.read(buffer)) {
                        out.write(buffer, 0, count);
                    }
                    channel.shutdownOutput();
                    // until the daemon has read it all
                    channel.read(ByteBuffer.allocate(1));
                });
    }

    private void start(Carrying work) {
        Thread thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("stream")
                        .unstarted(
                                () -> {
                                    try (SocketChannel channel = listener.accept()) {
                                        remove(); // nobody else is to come
                                        work.carry(channel);
                                    } catch (IOException ended) {
                                        // the daemon's reply tells why, or `failure` does
                                        return;
                                    }
                                });
        carrier = thread;
        thread.start();
    }

    /// Waits until all that the daemon wrote is where it goes.
    ///
    /// @param reported what the daemon said, or null
    /// @throws IOException when the target could not be written
    void finish(@Nullable IOException reported) throws IOException {
        if (reported != null) {
            listener.close();
        }
        Thread thread = carrier;
        try {
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a stream was carried");
        }
        IOException broken = failure;
        if (broken != null) {
            throw broken;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(interrupted);
        } catch (IllegalStateException ending) {
            return; // it has nothing left to do
        }
    }

    private void remove() throws IOException {
        Files.deleteIfExists(address.getPath());
    }

    private void removeQuietly() {
        try {
            remove();
        } catch (IOException e) {
            System.err.println("cowfs: " + address + " stays: " + e.getMessage());
        }
    }

    private interface Carrying {
        void carry(SocketChannel channel) throws IOException;
    }
}
