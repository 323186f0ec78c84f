package cowfs.tools.control;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Where the daemon of one image listens and logs.
///
/// @param socket the control socket; one left by a killed daemon refuses connections
/// @param log the daemon's log, which a daemon that ended well takes away; that of one that did not
///   is set aside by the next
public record Endpoint(Path socket, Path log) {
    /// What stands in a log before the failure that a pool was closed with.
    public static final String FAILED = " FAILED: ";

    /// What the JVM says in the log when it ends for want of memory.
    private static final String OUT_OF_MEMORY = "OutOfMemoryError";

    private static final String LOST = "what was not committed by then is lost";
    private static final String SOCKET = ".sock";
    private static final String LOG = ".log";

    /// The endpoint of an image, by whatever path it is named.
    public static Endpoint of(Path image) throws IOException {
        return of(image, RuntimeDirectory.get());
    }

    static Endpoint of(Path image, Path directory) throws IOException {
        String name = FileIdentity.of(image).fileName();
        return new Endpoint(directory.resolve(name + SOCKET), directory.resolve(name + LOG));
    }

    /// The image that the endpoint is of.
    public FileIdentity identity() {
        String name = socket.getFileName().toString();
        return FileIdentity.parse(name.substring(0, name.length() - SOCKET.length()));
    }

    /// The endpoints of all daemons of this user, some of which may have been killed.
    public static List<Endpoint> all() throws IOException {
        List<Endpoint> all = new ArrayList<>();
        try (DirectoryStream<Path> sockets =
                Files.newDirectoryStream(RuntimeDirectory.get(), "*" + SOCKET)) {
            for (Path socket : sockets) {
                String name = socket.getFileName().toString();
                all.add(
                        new Endpoint(
                                socket,
                                socket.resolveSibling(
                                        name.substring(0, name.length() - SOCKET.length()) + LOG)));
            }
        }
        return all;
    }

    /// The log of the daemon before the last one, when that did not end well.
    public Path previousLog() {
        return log.resolveSibling(log.getFileName() + ".1");
    }

    /// Removes the socket that a killed daemon left.
    ///
    /// @return false when a daemon answers there
    public boolean removeStale() throws IOException {
        // looked at under another name, so that nothing that came meanwhile is removed
        Path aside = socket.resolveSibling(socket.getFileName() + "." + UUID.randomUUID());
        try {
            Files.move(socket, aside);
        } catch (NoSuchFileException none) {
            return true;
        }
        try {
            SocketChannel.open(UnixDomainSocketAddress.of(aside)).close();
        } catch (ConnectException killed) {
            Files.deleteIfExists(aside);
            return true;
        }
        Files.move(aside, socket);
        return false;
    }

    /// Sets the log aside that a daemon left which did not end well.
    ///
    /// @return how it ended, one line for a person; empty when there is no such log
    public String setLogAside() throws IOException {
        if (!Files.exists(log)) {
            return "";
        }
        String end = "the last daemon of this image ended without closing it: " + LOST;
        for (String line :
                new String(Files.readAllBytes(log), StandardCharsets.UTF_8).split("\\R", -1)) {
            int failed = line.indexOf(FAILED);
            if (failed >= 0) {
                end =
                        "the last mount of this image had FAILED: "
                                + line.substring(failed + FAILED.length());
            } else if (line.contains(OUT_OF_MEMORY)) {
                end =
                        "the last daemon of this image ended because it ran out of memory: "
                                + LOST
                                + "; mount it with a larger --cache, which gives it more";
            }
        }
        Files.move(log, previousLog(), StandardCopyOption.REPLACE_EXISTING);
        return end + "; the log of it is " + previousLog();
    }

    /// Removes the logs of what was in the place of a new image.
    public void forgetLogs() throws IOException {
        Files.deleteIfExists(log);
        Files.deleteIfExists(previousLog());
    }

    /// Takes {@link #setLogAside} back, for a daemon that does not start after all.
    public void restoreLog() throws IOException {
        if (Files.exists(previousLog())) {
            Files.move(previousLog(), log, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
