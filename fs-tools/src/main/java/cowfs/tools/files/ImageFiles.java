package cowfs.tools.files;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.NameText;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The files of one subvolume or snapshot as a command reads them: by path, and past what can't be
/// read. Not thread safe.
public final class ImageFiles {
    /// As many as Linux follows.
    private static final int MAX_LINKS = 40;

    private static final long PARENT_COOKIE = 2;
    private static final int BATCH = 256;
    private static final int PIECE_BYTES = 1 << 20;
    private static final int BLOCK_BYTES = 4096;

    private final ReadableVolume volume;
    private final Missing missing;

    /// @param missing told of what can't be read
    public ImageFiles(ReadableVolume volume, Missing missing) {
        this.volume = volume;
        this.missing = missing;
    }

    public ReadableVolume volume() {
        return volume;
    }

    public Missing missing() {
        return missing;
    }

    /// The inode at a place. Symbolic links on the way are followed within the subvolume: its root
    /// is theirs.
    ///
    /// @param follow whether the last name is followed too, when it is one
    /// @throws RequestException `NOT_FOUND`, `NOT_A_DIRECTORY`, `INVALID` for a loop
    public Attributes find(FilePlace place, boolean follow) throws IOException {
        Deque<byte[]> todo = new ArrayDeque<>(place.names());
        List<Long> path = new ArrayList<>(List.of(Volume.ROOT_INODE));
        Attributes at = volume.getAttributes(Volume.ROOT_INODE);
        int links = 0;
        while (!todo.isEmpty()) {
            byte[] name = todo.pop();
            String text = NameText.of(name);
            requireDirectory(at, place);
            if (text.equals(".")) {
                continue;
            }
            if (text.equals("..")) {
                if (path.size() > 1) {
                    path.removeLast();
                }
                at = volume.getAttributes(path.getLast());
                continue;
            }
            Attributes child = lookup(path.getLast(), name, place);
            boolean last = todo.isEmpty() && !place.directory();
            if (child.isSymlink() && (!last || follow)) {
                if (++links > MAX_LINKS) {
                    throw new RequestException(
                            ErrorKind.INVALID, place + ": its symbolic links lead in a circle");
                }
                byte[] target = volume.readLink(child.inode());
                List<byte[]> names = FilePlace.split(target);
                for (byte[] each : names.reversed()) {
                    todo.push(each);
                }
                if (target.length > 0 && target[0] == '/') {
                    path.subList(1, path.size()).clear();
                    at = volume.getAttributes(Volume.ROOT_INODE);
                }
                continue;
            }
            at = child;
            path.add(child.inode());
        }
        if (place.directory() && !place.names().isEmpty()) {
            requireDirectory(at, place);
        }
        return at;
    }

    private Attributes lookup(long directory, byte[] name, FilePlace place) throws IOException {
        try {
            return volume.lookup(directory, name);
        } catch (CowException failed) {
            throw failed.kind() == ErrorKind.NOT_FOUND
                    ? new RequestException(
                            ErrorKind.NOT_FOUND,
                            place + " does not exist: there is no '" + NameText.of(name) + "'")
                    : failed;
        }
    }

    private static void requireDirectory(Attributes at, FilePlace place) throws RequestException {
        if (!at.isDirectory()) {
            throw new RequestException(
                    ErrorKind.NOT_A_DIRECTORY, place + ": what is before a slash is no directory");
        }
    }

    /// The entries of a directory without `.` and `..`, by name. One whose inode can't be read has
    /// no attributes, and is told.
    ///
    /// @param path of the directory, for messages
    public List<FileEntry> entries(long directory, String path) throws IOException {
        List<FileEntry> entries = new ArrayList<>();
        missing.takeMet();
        try {
            volume.readDirectoryWithAttributes(
                    directory,
                    PARENT_COOKIE,
                    BATCH,
                    (name, attributes, cookie) ->
                            entries.add(
                                    new FileEntry(
                                            name,
                                            attributes.inode(),
                                            attributes.type(),
                                            attributes)));
        } catch (IOException damaged) {
            requireDamage(damaged);
            entries.clear();
            readOneByOne(directory, path, entries);
        }
        if (missing.takeMet().stream().anyMatch(node -> node.mayHold(directory))) {
            missing.add("names in " + volume.name() + ":" + path);
        }
        entries.sort((a, b) -> Arrays.compareUnsigned(a.name(), b.name()));
        return entries;
    }

    private void readOneByOne(long directory, String path, List<FileEntry> entries)
            throws IOException {
        try {
            volume.readDirectory(
                    directory,
                    PARENT_COOKIE,
                    (name, inode, type, cookie) -> {
                        Attributes attributes = null;
                        try {
                            attributes = volume.getAttributes(inode);
                        } catch (IOException lost) {
                            requireDamage(lost);
                            missing.add(
                                    "the inode of "
                                            + volume.name()
                                            + ":"
                                            + join(path, name)
                                            + ": "
                                            + lost.getMessage());
                        }
                        return entries.add(new FileEntry(name, inode, type, attributes));
                    });
        } catch (IOException damaged) {
            requireDamage(damaged);
            missing.add("names in " + volume.name() + ":" + path + ": " + damaged.getMessage());
        }
    }

    /// Lets through what is no damage of the image: a daemon that is gone, a pin that has ended.
    static void requireDamage(IOException failure) throws IOException {
        if (failure instanceof CowException known
                && known.kind() != ErrorKind.CORRUPT
                && known.kind() != ErrorKind.NOT_FOUND) {
            throw failure;
        }
    }

    /// The target of a symbolic link; null when it can't be read, which is told.
    public byte @Nullable [] target(long inode, String path) throws IOException {
        try {
            return volume.readLink(inode);
        } catch (IOException damaged) {
            requireDamage(damaged);
            missing.add(
                    "the target of " + volume.name() + ":" + path + ": " + damaged.getMessage());
            return null;
        }
    }

    /// An extended attribute.
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Xattr(byte[] name, byte[] value) {}

    /// The extended attributes of an inode, access lists among them. What can't be read is told.
    public List<Xattr> xattrs(long inode, String path) throws IOException {
        List<Xattr> xattrs = new ArrayList<>();
        missing.takeMet();
        try {
            for (byte[] name : volume.listXattrs(inode)) {
                xattrs.add(new Xattr(name, volume.getXattr(inode, name)));
            }
        } catch (IOException damaged) {
            requireDamage(damaged);
            missing.add(
                    "extended attributes of "
                            + volume.name()
                            + ":"
                            + path
                            + ": "
                            + damaged.getMessage());
        }
        if (missing.takeMet().stream().anyMatch(node -> node.mayHold(inode))) {
            missing.add("extended attributes of " + volume.name() + ":" + path);
        }
        return xattrs;
    }

    /// A path one name longer.
    public static String join(String path, byte[] name) {
        return (path.equals("/") ? "" : path) + "/" + NameText.of(name);
    }

    /// Takes pieces of a file's content.
    @FunctionalInterface
    public interface ContentTarget {
        /// @param piece bytes of the file; the next call has others in the same memory
        void take(long offset, ByteBuffer piece) throws IOException;
    }

    /// Reads a file's content without its holes, in order. Ranges that can't be read are left out
    /// and told. What it costs follows what the image holds of the file, whatever its size is.
    ///
    /// @param path for messages
    public void read(Attributes file, String path, ContentTarget target) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(PIECE_BYTES);
        FileLayout layout = new FileLayout(volume, file);
        long size = file.sizeBytes();
        long at = 0;
        while (at < size) {
            long start = layout.dataFrom(at);
            String damage = layout.damage();
            if (damage != null) {
                missing.add(range(path, at, start) + ", if there was anything: " + damage);
            }
            noteHole(file.inode(), path, at, start);
            if (start == size) {
                return;
            }
            long end = layout.dataEnd(start);
            for (at = start; at < end; ) {
                int count = (int) Math.min(PIECE_BYTES - at % PIECE_BYTES, end - at);
                readPiece(file.inode(), path, at, count, buffer, target);
                at += count;
            }
        }
    }

    /// A hole, or what looks like one because a leaf is lost that says otherwise.
    private void noteHole(long inode, String path, long from, long end) {
        for (var node : missing.takeMet()) {
            long start = Math.max(from, node.contentStart(inode));
            long stop = Math.min(end, node.contentEnd(inode));
            if (node.contentStart(inode) >= 0 && start < stop) {
                missing.add(range(path, start, stop) + ", if there was anything");
            }
        }
    }

    private void readPiece(
            long inode,
            String path,
            long offset,
            int count,
            ByteBuffer buffer,
            ContentTarget target)
            throws IOException {
        try {
            buffer.clear().limit(count);
            volume.read(inode, offset, buffer);
            noteHole(inode, path, offset, offset + count);
            target.take(offset, buffer.flip());
        } catch (OutputException refused) {
            throw refused;
        } catch (IOException damaged) {
            requireDamage(damaged);
            if (count <= BLOCK_BYTES) {
                missing.add(range(path, offset, offset + count) + ": " + damaged.getMessage());
                return;
            }
            for (int done = 0; done < count; ) {
                int piece =
                        (int) Math.min(BLOCK_BYTES - (offset + done) % BLOCK_BYTES, count - done);
                readPiece(inode, path, offset + done, piece, buffer, target);
                done += piece;
            }
        }
    }

    private String range(String path, long from, long end) {
        return "bytes " + from + " to " + end + " of " + volume.name() + ":" + path;
    }

    /// A failure of what takes the content, not of the image.
    public static final class OutputException extends IOException {
        private static final long serialVersionUID = 1;

        public OutputException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
