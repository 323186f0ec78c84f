package cowfs.tools.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where the daemon of one image listens and logs.
///
/// @param socket the control socket; one left by a killed daemon refuses connections
/// @param log the daemon's log, which a daemon that ended well takes away
public record Endpoint(Path socket, Path log) {
    /// The endpoint of an image, by whatever path it is named.
    public static Endpoint of(Path image) throws IOException {
        return of(image, RuntimeDirectory.get());
    }

    static Endpoint of(Path image, Path directory) throws IOException {
        String name = FileIdentity.of(image).fileName();
        return new Endpoint(directory.resolve(name + ".sock"), directory.resolve(name + ".log"));
    }

    /// Removes what a killed daemon left. Only for who holds the lock on the image: then no daemon
    /// lives.
    public void removeStale() throws IOException {
        Files.deleteIfExists(socket);
    }
}
