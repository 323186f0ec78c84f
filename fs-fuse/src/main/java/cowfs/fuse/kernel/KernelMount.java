package cowfs.fuse.kernel;

import com.sun.security.auth.module.UnixSystem;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Mounts: makes a descriptor of `/dev/fuse` that stands for a directory.
///
/// Root asks the kernel itself; who is not root asks `fusermount3`, which is allowed to.
final class KernelMount {
    private static final System.Logger LOG = System.getLogger("cowfs.fuse");

    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final String TYPE = "fuse.cowfs";
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final Path CONNECTIONS = Path.of("/sys/fs/fuse/connections");

    // sys/mount.h
    private static final long MS_RDONLY = 1;
    private static final long MS_NOSUID = 2;
    private static final long MS_NODEV = 4;
    private static final int MNT_FORCE = 1;
    private static final int MNT_DETACH = 2;

    private static final int READAHEAD_KIB = 1024;

    private KernelMount() {}

    /// Mounts.
    ///
    /// @return the descriptor
    static int mount(Path directory, KernelOptions options) throws IOException {
        return isRoot()
                ? mountAsRoot(directory, options)
                : Fusermount.mount(directory, fusermountOptions(options));
    }

    private static int mountAsRoot(Path directory, KernelOptions options) throws RequestException {
        int descriptor = Linux.open(DEVICE.toString(), Linux.O_RDWR | Linux.O_CLOEXEC);
        if (descriptor < 0) {
            throw refused(directory, "opening /dev/fuse: " + Linux.text(descriptor));
        }
        long flags =
                (options.readOnly() ? MS_RDONLY : 0)
                        | (options.trusted() ? 0 : MS_NOSUID | MS_NODEV);
        String data =
                "fd="
                        + descriptor
                        + ",rootmode=40000,user_id=0,group_id=0,default_permissions"
                        + (options.allowOther() ? ",allow_other" : "");
        int result = Linux.mount(options.source(), directory.toString(), TYPE, flags, data);
        if (result < 0) {
            Linux.close(descriptor);
            throw refused(directory, Linux.text(result));
        }
        return descriptor;
    }

    private static String fusermountOptions(KernelOptions options) {
        return "default_permissions,subtype=cowfs,fsname="
                + options.source().replace("\\", "\\\\").replace(",", "\\,")
                + (options.readOnly() ? ",ro" : "")
                + (options.allowOther() ? ",allow_other" : "");
    }

    /// Takes back a mount that nobody has begun to serve.
    static void undo(Path directory, int descriptor) {
        Linux.close(descriptor); // which ends the connection: nothing in there waits for an answer
        detach(directory);
    }

    /// Takes the mount point away, whatever is open in it.
    static void detach(Path directory) {
        if (isRoot()) {
            Linux.unmount(directory.toString(), MNT_DETACH);
        } else {
            try {
                Fusermount.detach(directory);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "after the end of " + directory + ": " + e.getMessage());
            }
        }
    }

    /// Ends a mount that can't be served any more: whoever waits for an answer gets an error now.
    /// The mount point stays, as when the daemon is killed, for programs would take the directory
    /// below it for an empty filesystem.
    static void abort(Path directory) {
        if (isRoot()) {
            // What is in use is not unmounted, and yet forced to end.
            int use = Linux.open(directory.toString(), Linux.O_PATH | Linux.O_CLOEXEC);
            Linux.unmount(directory.toString(), MNT_FORCE);
            if (use >= 0) {
                Linux.close(use);
            }
            return;
        }
        try {
            Path connection = lookupConnection(directory);
            if (connection != null) {
                Files.writeString(connection.resolve("abort"), "1");
            }
        } catch (IOException e) {
            // Not every system shows connections.
            LOG.log(Level.WARNING, "no way to abort {0}: {1}", directory, e.getMessage());
            detach(directory);
        }
    }

    /// Where the kernel lets the user who has mounted end the connection.
    private static @Nullable Path lookupConnection(Path directory) throws IOException {
        String escaped =
                directory
                        .toString()
                        .replace("\\", "\\134")
                        .replace(" ", "\\040")
                        .replace("\t", "\\011")
                        .replace("\n", "\\012");
        // ID PARENT MAJOR:MINOR ROOT DIRECTORY ...; the last line is the uppermost mount
        return Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1).stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields[4].equals(escaped))
                .reduce((first, second) -> second)
                .map(fields -> CONNECTIONS.resolve(fields[2].replaceFirst("^0:", "")))
                .orElse(null);
    }

    /// Lets the kernel read ahead 1 MiB. It offers an eighth of that, and only root may change it.
    static void readFarAhead(Path directory) {
        if (!isRoot()) {
            return;
        }
        try {
            long device = (long) Files.getAttribute(directory, "unix:dev");
            long minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
            long major = (device >>> 8) & 0xfff;
            Path setting = Path.of("/sys/class/bdi/" + major + ":" + minor + "/read_ahead_kb");
            Files.writeString(setting, Integer.toString(READAHEAD_KIB));
        } catch (IOException e) {
            LOG.log(Level.INFO, "read-ahead stays at the kernel's default: " + e.getMessage());
        }
    }

    private static boolean isRoot() {
        return new UnixSystem().getUid() == 0;
    }

    private static RequestException refused(Path directory, String reason) {
        return new RequestException(
                ErrorKind.IO, "can't mount on " + directory + ": the kernel refused it: " + reason);
    }
}
