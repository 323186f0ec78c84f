package cowfs.tools.files;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.NameText;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// `extract`: a copy of a file or a whole tree on the host, that is there whole or not at all.
///
/// It is made in a directory beside DEST that nobody else can enter and moved to its place in the
/// end. When anything fails, and on Ctrl-C, that directory is removed again. What the image has
/// lost is no failure: the rest is extracted.
public final class Extract {
    private static final String STAGING = ".cowfs-extract-";
    private static final long LONGEST_CLEANUP_SECONDS = 60;

    private static final System.Logger LOG = System.getLogger("cowfs.tools");

    private final LeftOut leftOut = new LeftOut();
    private final Extraction extraction;

    public Extract(ImageFiles files) {
        this.extraction = new Extraction(files, leftOut);
    }

    /// What this user or this host can't make.
    public LeftOut leftOut() {
        return leftOut;
    }

    /// Names made that are no directories.
    public long fileCount() {
        return extraction.fileCount();
    }

    public long directoryCount() {
        return extraction.directoryCount();
    }

    /// Content written, holes not counted.
    public long byteCount() {
        return extraction.byteCount();
    }

    /// Where something goes: into a directory that exists under its own name, otherwise it becomes
    /// what the path names.
    ///
    /// @throws RequestException `EXISTS`, `NOT_FOUND`, `NOT_A_DIRECTORY`
    public static Path target(FilePlace place, Path destination) throws IOException {
        if (Files.isSymbolicLink(destination)) {
            throw new RequestException(
                    ErrorKind.EXISTS,
                    destination
                            + " is a symbolic link, and nothing is written through one: name what it leads to");
        }
        Path target = destination;
        if (Files.isDirectory(destination, LinkOption.NOFOLLOW_LINKS)) {
            target = destination.resolve(ownName(place));
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new RequestException(
                    ErrorKind.EXISTS,
                    target + " exists already: name another place, or remove it first");
        }
        Path parent = target.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "there is no directory " + parent + ": make it with 'mkdir -p " + parent + "'");
        }
        return target;
    }

    private static String ownName(FilePlace place) throws RequestException {
        if (place.names().isEmpty()) {
            return place.ref().toString();
        }
        byte[] name = place.names().getLast();
        String text = new String(name, StandardCharsets.UTF_8);
        if (!NameText.isUtf8(name) || text.equals(".") || text.equals("..")) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'"
                            + NameText.of(name)
                            + "' can't be the name of the copy: say where it goes with a name of your own");
        }
        return text;
    }

    /// Extracts.
    ///
    /// @param target see {@link #target}
    public void run(Attributes root, String path, Path target) throws IOException {
        Path parent = target.toAbsolutePath().getParent();
        Path staging =
                Files.createTempDirectory(
                        parent,
                        STAGING,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        CountDownLatch over = new CountDownLatch(1);
        Thread hook = new Thread(() -> interrupt(over), "cowfs-extract-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            int fd =
                    HostCalls.open(
                            HostCalls.AT_FDCWD,
                            bytes(staging),
                            HostCalls.O_RDONLY | HostCalls.O_DIRECTORY | HostCalls.O_NOFOLLOW,
                            0);
            if (fd < 0) {
                throw new IOException(staging + ": " + HostCalls.message(fd));
            }
            try {
                extraction.run(fd, root, path);
                move(fd, target);
            } finally {
                HostCalls.close(fd);
            }
        } catch (IOException failed) {
            throw new RequestException(
                    ErrorKind.IO,
                    "nothing was written to " + target + ": " + failed.getMessage(),
                    failed);
        } finally {
            try {
                remove(staging);
            } finally {
                over.countDown();
                removeHook(hook);
            }
        }
    }

    private static void move(int staging, Path target) throws IOException {
        int moved =
                HostCalls.rename(
                        staging,
                        "tree".getBytes(StandardCharsets.US_ASCII),
                        HostCalls.AT_FDCWD,
                        bytes(target),
                        HostCalls.RENAME_NOREPLACE);
        if (moved == -HostCalls.EINVAL) {
            // a filesystem without that flag: an empty directory or file that came meanwhile is
            // replaced, as by mv
            moved =
                    HostCalls.rename(
                            staging,
                            "tree".getBytes(StandardCharsets.US_ASCII),
                            HostCalls.AT_FDCWD,
                            bytes(target),
                            0);
        }
        if (moved == -HostCalls.EEXIST) {
            throw new IOException(target + " was made by somebody else meanwhile");
        }
        if (moved < 0) {
            throw new IOException(HostCalls.message(moved));
        }
    }

    private void interrupt(CountDownLatch over) {
        extraction.stop();
        try {
            boolean clean = over.await(LONGEST_CLEANUP_SECONDS, TimeUnit.SECONDS);
            LOG.log(System.Logger.Level.DEBUG, "clean: {0}", clean);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // it is running
        }
    }

    /// Removes a directory with all in it, without following a link, however deep.
    private static void remove(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent == null || !Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> root = Files.newDirectoryStream(directory)) {
            if (root instanceof SecureDirectoryStream<Path> secure) {
                removeBelow(secure);
            }
        }
        Files.delete(directory);
    }

    private record Opened(SecureDirectoryStream<Path> stream, Iterator<Path> entries, Path name) {}

    private static void removeBelow(SecureDirectoryStream<Path> root) throws IOException {
        Deque<Opened> open =
                new ArrayDeque<>(List.of(new Opened(root, root.iterator(), Path.of(""))));
        try {
            while (!open.isEmpty()) {
                Opened last = open.element();
                if (!last.entries().hasNext()) {
                    open.pop();
                    if (!open.isEmpty()) {
                        last.stream().close();
                        open.element().stream().deleteDirectory(last.name());
                    }
                    continue;
                }
                Path name = last.entries().next().getFileName();
                boolean isDirectory =
                        last.stream()
                                .getFileAttributeView(
                                        name,
                                        BasicFileAttributeView.class,
                                        LinkOption.NOFOLLOW_LINKS)
                                .readAttributes()
                                .isDirectory();
                if (isDirectory) {
                    SecureDirectoryStream<Path> below =
                            last.stream().newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
                    open.push(new Opened(below, below.iterator(), name));
                } else {
                    last.stream().deleteFile(name);
                }
            }
        } finally {
            for (Opened each : open) {
                each.stream().close();
            }
        }
    }

    /// The JDK's own encoding of file names.
    private static byte[] bytes(Path path) {
        return path.toAbsolutePath()
                .toString()
                .getBytes(Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
    }
}
