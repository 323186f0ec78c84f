package cowfs.tools.place;

import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A directory that something is or is to be mounted on.
///
/// @param directory absolute, without symbolic links
/// @param mounted what is mounted on it now
/// @param isStale whether that is a cowfs mount whose daemon has gone
public record MountPoint(Path directory, Optional<MountTable.Entry> mounted, boolean isStale) {
    /// Looks at a directory, or at what is left of a mount.
    public static MountPoint of(Path path) throws IOException {
        return of(path, MountTable.read());
    }

    static MountPoint of(Path path, MountTable table) throws IOException {
        Path directory = resolve(path);
        Optional<MountTable.Entry> entry = table.at(directory);
        boolean stale = entry.isPresent() && entry.get().isCowfs() && isDead(directory);
        return new MountPoint(directory, entry, stale);
    }

    /// Checks that an image can be mounted here.
    ///
    /// @throws RequestException that says what is in the way
    public MountPoint requireFree() throws IOException {
        if (isStale) {
            throw new RequestException(
                    ErrorKind.BUSY,
                    directory
                            + " is a stale mount of "
                            + mounted.orElseThrow().source()
                            + " whose daemon has gone; clean it up: "
                            + CommandHint.of("umount", directory));
        }
        if (mounted.isPresent() && mounted.get().isCowfs()) {
            throw new RequestException(
                    ErrorKind.BUSY,
                    mounted.get().source() + " is mounted on " + directory + " already");
        }
        if (!Files.exists(directory)) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "mount point " + directory + " does not exist; make it with mkdir");
        }
        if (!Files.isDirectory(directory)) {
            throw new RequestException(
                    ErrorKind.NOT_A_DIRECTORY,
                    "mount point " + directory + " is no directory; name one that is empty");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (entries.iterator().hasNext()) {
                throw new RequestException(
                        ErrorKind.NOT_EMPTY,
                        "mount point " + directory + " is not empty; name an empty directory");
            }
        }
        return this;
    }

    /// What to say of the mounts of an image that have lost their daemon.
    ///
    /// @param image that no daemon serves
    public static List<String> lost(Path image) throws IOException {
        List<String> lost = new ArrayList<>();
        for (MountTable.Entry mount : PoolLocator.mountsOf(image)) {
            if (of(mount.directory()).isStale()) {
                lost.add(
                        "the daemon of the mount on "
                                + mount.directory()
                                + " has gone, and programs get errors there; clean it up: "
                                + CommandHint.of("umount", mount.directory()));
            }
        }
        return lost;
    }

    /// The mount to remove from here.
    ///
    /// @throws RequestException when there is no cowfs mount at exactly this directory
    public MountTable.Entry requireCowfs() throws IOException {
        if (mounted.isPresent() && mounted.get().isCowfs()) {
            return mounted.get();
        }
        if (mounted.isPresent()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    directory + " is a mount of type " + mounted.get().type() + "; use umount(8)");
        }
        Optional<MountTable.Entry> around = MountTable.read().around(directory);
        if (around.isPresent() && around.get().isCowfs()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    directory
                            + " lies inside a mount; say: "
                            + CommandHint.of("umount", around.get().directory()));
        }
        throw new RequestException(
                ErrorKind.NOT_FOUND,
                directory
                        + " is no cowfs mount point"
                        + (Files.exists(directory) ? "" : ", nor is it there")
                        + "; 'findmnt -t fuse.cowfs' shows those that are");
    }

    /// The last part of a path is not followed where it can't be: a stale mount is there, but
    /// fails.
    private static Path resolve(Path path) throws IOException {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            Path absolute = path.toAbsolutePath().normalize();
            Path parent = absolute.getParent();
            Path name = absolute.getFileName();
            if (parent == null || name == null) {
                throw e;
            }
            try {
                return parent.toRealPath().resolve(name);
            } catch (NoSuchFileException missing) {
                return absolute;
            }
        }
    }

    /// Asks for the sizes of the filesystem: attributes may come from the kernel's cache.
    private static boolean isDead(Path directory) throws IOException {
        try {
            return Files.getFileStore(directory).getTotalSpace() < 0;
        } catch (NoSuchFileException | AccessDeniedException e) {
            return false;
        } catch (FileSystemException e) {
            return true;
        }
    }
}
