package cowfs.tools.place;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.control.RuntimeDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Takes mounts away, with the host's programs.
public final class Unmounting {
    private Unmounting() {}

    /// Unmounts a directory.
    ///
    /// @throws RequestException `BUSY` when something still uses the mount
    public static void unmount(MountPoint point) throws IOException {
        Path directory = point.directory();
        Programs.Outcome outcome = Programs.run(command(directory, point.isStale()));
        if (outcome.isSuccess() || !isMounted(directory)) {
            return;
        }
        int owner = point.mounted().map(MountTable.Entry::userId).orElse(RuntimeDirectory.userId());
        if (RuntimeDirectory.userId() != 0 && owner != RuntimeDirectory.userId()) {
            throw new RequestException(
                    ErrorKind.NOT_PERMITTED,
                    directory
                            + " was mounted by "
                            + Users.named(owner)
                            + (owner == 0 ? ", who alone can" : "; only he and root can")
                            + " umount it");
        }
        String users = Processes.usersOf(directory, ProcessHandle.current().pid());
        if (!users.isEmpty() || outcome.output().contains("busy")) {
            throw new RequestException(
                    ErrorKind.BUSY,
                    directory
                            + " is busy: "
                            + (users.isEmpty()
                                    ? "a process still uses files in it"
                                    : "used by " + users)
                            + "; end that, then umount again");
        }
        throw new IOException("can't unmount " + directory + ": " + outcome.output());
    }

    /// @param lazy for a mount without a daemon: who still uses it gets nothing from it anyway
    private static List<String> command(Path directory, boolean lazy) throws IOException {
        if (RuntimeDirectory.userId() == 0) {
            return lazy
                    ? List.of(program("umount"), "-l", directory.toString())
                    : List.of(program("umount"), directory.toString());
        }
        return List.of(
                program("fusermount3", "fusermount"), lazy ? "-uz" : "-u", directory.toString());
    }

    private static String program(String... names) throws RequestException {
        return Programs.lookup(names)
                .orElseThrow(
                        () ->
                                new RequestException(
                                        ErrorKind.UNSUPPORTED,
                                        "there is no "
                                                + names[0]
                                                + " program; install fuse3 (apt install fuse3)"))
                .toString();
    }

    private static boolean isMounted(Path directory) throws IOException {
        return MountTable.read().at(directory).filter(MountTable.Entry::isCowfs).isPresent();
    }
}
