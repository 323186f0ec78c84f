package cowfs.tools.files;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.NameText;
import cowfs.tools.files.ImageFiles.OutputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/// Makes a copy of files of an image on the host, in an open directory of the host that nobody else
/// can reach yet.
///
/// ```
///   staging/            mode 0700, made by this process
///     tree/             what becomes DEST
///     links/4711        an inode with several names: made here, linked to where it belongs
/// ```
///
/// Every call is relative to an open directory and follows no symbolic link: nothing is written
/// outside of the staging directory, whatever names and links the image holds. One directory is
/// open at a time, however deep the tree. A directory gets its mode and its times when all in it is
/// done.
///
/// Kept: content with its holes, permissions, access and modification times to the nanosecond,
/// extended attributes and access lists, hard links, symbolic links, fifos and sockets; owners and
/// device nodes when root does it. Not kept: change and birth times, inode numbers, and flags of
/// `chattr`. Not thread safe, but for {@link #stop}.
final class Extraction {
    private static final byte[] TREE = "tree".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LINKS = "links".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PARENT = "..".getBytes(StandardCharsets.US_ASCII);
    private static final int DIRECTORY_FLAGS =
            HostCalls.O_RDONLY | HostCalls.O_DIRECTORY | HostCalls.O_NOFOLLOW;

    private final ImageFiles files;
    private final LeftOut leftOut;
    private final boolean isRoot = HostCalls.effectiveUser() == 0;
    private final Set<Long> linked = new HashSet<>();
    private int links;
    private long fileCount;
    private long directoryCount;
    private long byteCount;
    private volatile boolean stopped;

    /// A directory that is being filled.
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Level(
            byte[] name, Attributes attributes, String path, Iterator<FileEntry> entries) {}

    Extraction(ImageFiles files, LeftOut leftOut) {
        this.files = files;
        this.leftOut = leftOut;
    }

    /// What was made: names that are no directories.
    long fileCount() {
        return fileCount;
    }

    long directoryCount() {
        return directoryCount;
    }

    /// Content that was written, holes not counted.
    long byteCount() {
        return byteCount;
    }

    /// Makes {@link #run} fail soon.
    void stop() {
        stopped = true;
    }

    /// Makes `tree` in the staging directory.
    ///
    /// @param staging open, empty
    void run(int staging, Attributes root, String path) throws IOException {
        check(HostCalls.makeDirectory(staging, LINKS, 0700), "links");
        links = open(staging, LINKS, "links");
        try {
            if (root.isDirectory()) {
                directory(staging, root, path);
            } else {
                make(staging, TREE, new FileEntry(TREE, root.inode(), root.type(), root), path);
            }
            for (long inode : linked) {
                check(HostCalls.unlink(links, linkName(inode), 0), "a link");
            }
        } finally {
            HostCalls.close(links);
        }
        check(HostCalls.unlink(staging, LINKS, HostCalls.AT_REMOVEDIR), "links");
    }

    private void directory(int staging, Attributes root, String path) throws IOException {
        Deque<Level> levels = new ArrayDeque<>();
        int open = enter(staging, TREE, path);
        levels.push(new Level(TREE, root, path, files.entries(root.inode(), path).iterator()));
        try {
            while (!levels.isEmpty()) {
                Level level = levels.element();
                if (!level.entries().hasNext()) {
                    levels.pop();
                    int parent = open(open, PARENT, level.path());
                    HostCalls.close(open);
                    open = parent;
                    finish(open, level.name(), level.attributes(), level.path());
                    continue;
                }
                requireGoingOn();
                FileEntry entry = level.entries().next();
                String below = ImageFiles.join(level.path(), entry.name());
                if (entry.attributes() == null) {
                    continue; // told when it was listed
                }
                if (entry.type() == Attributes.DIRECTORY) {
                    int child = enter(open, entry.name(), below);
                    HostCalls.close(open);
                    open = child;
                    levels.push(
                            new Level(
                                    entry.name(),
                                    entry.attributes(),
                                    below,
                                    files.entries(entry.inode(), below).iterator()));
                } else {
                    make(open, entry.name(), entry, below);
                }
            }
        } finally {
            HostCalls.close(open);
        }
    }

    /// Makes a directory and opens it.
    private int enter(int parent, byte[] name, String path) throws IOException {
        check(HostCalls.makeDirectory(parent, name, 0700), path);
        directoryCount++;
        return open(parent, name, path);
    }

    private static int open(int directory, byte[] name, String path) throws IOException {
        int fd = HostCalls.open(directory, name, DIRECTORY_FLAGS, 0);
        check(fd, path);
        return fd;
    }

    private void make(int directory, byte[] name, FileEntry entry, String path) throws IOException {
        Attributes attributes = entry.attributes();
        if (attributes == null) {
            return;
        }
        fileCount++;
        if (attributes.linkCount() < 2) {
            makeOne(directory, name, attributes, path);
            return;
        }
        byte[] link = linkName(attributes.inode());
        if (!linked.contains(attributes.inode())) {
            if (!makeOne(links, link, attributes, path)) {
                return;
            }
            linked.add(attributes.inode());
        }
        check(HostCalls.link(links, link, directory, name), path);
    }

    private static byte[] linkName(long inode) {
        return Long.toUnsignedString(inode).getBytes(StandardCharsets.US_ASCII);
    }

    /// @return false when it was left out
    private boolean makeOne(int directory, byte[] name, Attributes attributes, String path)
            throws IOException {
        switch (attributes.type()) {
            case Attributes.REGULAR -> regular(directory, name, attributes, path);
            case Attributes.SYMLINK -> {
                byte[] target = files.target(attributes.inode(), path);
                if (target == null) {
                    return false;
                }
                check(HostCalls.symlink(target, directory, name), path);
            }
            case Attributes.FIFO,
                    Attributes.SOCKET,
                    Attributes.BLOCK_DEVICE,
                    Attributes.CHARACTER_DEVICE -> {
                int made =
                        HostCalls.makeNode(
                                directory, name, attributes.type() | 0600, attributes.device());
                if (made == -HostCalls.EPERM) {
                    leftOut.add("the device node (only root can make one)", path);
                    fileCount--;
                    return false;
                }
                check(made, path);
            }
            default -> {
                files.missing().add(path + ": it is of no known type");
                return false;
            }
        }
        finish(directory, name, attributes, path);
        return true;
    }

    private void regular(int directory, byte[] name, Attributes attributes, String path)
            throws IOException {
        int fd =
                HostCalls.open(
                        directory,
                        name,
                        HostCalls.O_WRONLY
                                | HostCalls.O_CREAT
                                | HostCalls.O_EXCL
                                | HostCalls.O_NOFOLLOW,
                        0600);
        check(fd, path);
        try {
            check(HostCalls.truncate(fd, attributes.sizeBytes()), path);
            files.read(
                    attributes,
                    path,
                    (offset, piece) -> {
                        requireGoingOn();
                        byteCount += piece.remaining();
                        check(HostCalls.write(fd, offset, piece), path);
                    });
        } finally {
            HostCalls.close(fd);
        }
    }

    /// Owner first, which takes set-id bits and capabilities away; then what needs a file that may
    /// be written to; permissions and times last.
    private void finish(int directory, byte[] name, Attributes attributes, String path)
            throws IOException {
        if (isRoot) {
            check(HostCalls.changeOwner(directory, name, attributes.uid(), attributes.gid()), path);
        }
        for (ImageFiles.Xattr xattr : files.xattrs(attributes.inode(), path)) {
            int set = HostCalls.setXattr(directory, name, xattr.name(), xattr.value());
            if (set < 0) {
                leftOut.add(
                        "extended attribute "
                                + NameText.of(xattr.name())
                                + " ("
                                + HostCalls.message(set)
                                + ")",
                        path);
            }
        }
        if (!attributes.isSymlink()) {
            check(HostCalls.changeMode(directory, name, attributes.mode() & 07777), path);
        }
        check(
                HostCalls.setTimes(directory, name, attributes.accessed(), attributes.modified()),
                path);
    }

    private void requireGoingOn() throws IOException {
        if (stopped) {
            throw new RequestException(ErrorKind.IO, "interrupted");
        }
    }

    private static void check(int result, String path) throws OutputException {
        if (result < 0) {
            throw new OutputException(
                    path + " can't be made here: " + HostCalls.message(result), new IOException());
        }
    }
}
