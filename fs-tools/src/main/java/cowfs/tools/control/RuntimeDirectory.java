package cowfs.tools.control;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The directory of a user's sockets and logs: `/run/cowfs` for root, `$XDG_RUNTIME_DIR/cowfs`, or
/// else `/tmp/cowfs-UID`, with mode 0700.
public final class RuntimeDirectory {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");

    private RuntimeDirectory() {}

    /// The directory, made if it is not there.
    public static Path get() throws IOException {
        int uid = userId();
        Path directory = place(uid, System.getenv("XDG_RUNTIME_DIR"));
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            } catch (IOException e) {
                if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                    throw e;
                }
            }
        }
        requirePrivate(directory, uid);
        return directory;
    }

    static Path place(int uid, @Nullable String xdgRuntimeDir) {
        if (uid == 0) {
            return Path.of("/run/cowfs");
        }
        if (xdgRuntimeDir != null && Files.isDirectory(Path.of(xdgRuntimeDir))) {
            return Path.of(xdgRuntimeDir, "cowfs");
        }
        return Path.of("/tmp", "cowfs-" + uid);
    }

    /// Anybody can make a directory in `/tmp`, and wait there for somebody else's requests.
    static void requirePrivate(Path directory, int uid) throws IOException {
        int owner = (int) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> permissions =
                Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
        if (owner != uid || !OWNER_ONLY.containsAll(permissions)) {
            throw new RequestException(
                    ErrorKind.NOT_PERMITTED,
                    directory
                            + " must belong to you alone to hold control sockets; remove it or set"
                            + " its mode to 0700");
        }
    }

    /// The number of the user that this process runs as.
    public static int userId() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }
}
