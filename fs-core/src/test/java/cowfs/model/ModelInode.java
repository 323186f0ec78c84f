package cowfs.model;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.InodeFlags;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An inode of the model. What only some types have is null in the others. Not thread safe.
final class ModelInode {
    final long number;
    final long device;
    final Timestamp born;
    int mode;
    int uid;
    int gid;
    int linkCount = 1;
    long holdCount;
    int flags;

    /// How its content is compressed; null when it does not say.
    @Nullable String compress;

    /// Whether it was made without a name and never had one.
    boolean neverLinked;

    Timestamp accessed;
    Timestamp modified;
    Timestamp changed;
    final NavigableMap<String, byte[]> xattrs = new TreeMap<>();
    private final @Nullable ModelContent content;
    private final @Nullable ModelDirectory directory;
    private final byte @Nullable [] target;

    private ModelInode(
            long number,
            NewInode start,
            Timestamp now,
            @Nullable ModelContent content,
            @Nullable ModelDirectory directory,
            byte @Nullable [] target) {
        this.number = number;
        this.device = start.device();
        this.mode = start.mode();
        this.uid = start.uid();
        this.gid = start.gid();
        this.born = now;
        this.accessed = now;
        this.modified = now;
        this.changed = now;
        this.content = content;
        this.directory = directory;
        this.target = target;
    }

    static ModelInode directory(long number, NewInode start, long parent, Timestamp now) {
        ModelInode made =
                new ModelInode(number, start, now, null, new ModelDirectory(parent), null);
        made.linkCount = 2;
        return made;
    }

    static ModelInode symlink(long number, NewInode start, byte[] target, Timestamp now) {
        NewInode link = new NewInode(Attributes.SYMLINK | 0777, start.uid(), start.gid(), 0);
        return new ModelInode(number, link, now, null, null, target.clone());
    }

    /// A regular file, or a node without content.
    static ModelInode node(long number, NewInode start, Timestamp now) {
        boolean regular = (start.mode() & Attributes.TYPE_MASK) == Attributes.REGULAR;
        return new ModelInode(number, start, now, regular ? new ModelContent() : null, null, null);
    }

    /// The same inode for another tree; nobody holds it there.
    ModelInode copy() {
        ModelInode copy =
                new ModelInode(
                        number,
                        new NewInode(mode, uid, gid, device),
                        born,
                        content == null ? null : content.copy(),
                        directory == null ? null : directory.copy(),
                        target);
        copy.linkCount = linkCount;
        copy.flags = flags;
        copy.compress = compress;
        copy.accessed = accessed;
        copy.modified = modified;
        copy.changed = changed;
        copy.xattrs.putAll(xattrs);
        return copy;
    }

    int type() {
        return mode & Attributes.TYPE_MASK;
    }

    boolean isDirectory() {
        return directory != null;
    }

    boolean isCompressible() {
        return type() == Attributes.REGULAR || isDirectory();
    }

    /// Fails when a flag forbids to change it.
    void requireChangeable() throws RequestException {
        if ((flags & (InodeFlags.IMMUTABLE | InodeFlags.APPEND)) != 0) {
            throw new RequestException(ErrorKind.NOT_PERMITTED, "inode " + number + " is fixed");
        }
    }

    /// Fails when it is immutable.
    void requireMutable() throws RequestException {
        if ((flags & InodeFlags.IMMUTABLE) != 0) {
            throw new RequestException(ErrorKind.NOT_PERMITTED, "inode " + number + " is fixed");
        }
    }

    /// What a new content or owner takes from a file.
    void dropPrivileges(SetIdBits bits) {
        if (directory != null || target != null) {
            return;
        }
        xattrs.remove("security.capability");
        if (bits == SetIdBits.CLEAR) {
            mode &= (mode & 010) != 0 ? ~06000 : ~04000;
        }
    }

    /// The content of a regular file.
    ModelContent content() throws RequestException {
        if (content == null) {
            throw new RequestException(
                    isDirectory() ? ErrorKind.IS_A_DIRECTORY : ErrorKind.INVALID,
                    "inode " + number + " is no regular file");
        }
        return content;
    }

    /// The entries of a directory.
    ModelDirectory entries() throws RequestException {
        if (directory == null) {
            throw new RequestException(
                    ErrorKind.NOT_A_DIRECTORY, "inode " + number + " is no directory");
        }
        return directory;
    }

    /// The target of a symlink.
    byte[] target() throws RequestException {
        if (target == null) {
            throw new RequestException(ErrorKind.INVALID, "inode " + number + " is no symlink");
        }
        return target.clone();
    }

    Attributes attributes() {
        long sizeBytes = 0;
        long blockCount = 0;
        if (content != null) {
            sizeBytes = content.sizeBytes();
            blockCount = content.blocks().size() * (ModelContent.BLOCK_BYTES / 512L);
        } else if (directory != null) {
            sizeBytes = directory.size();
        } else if (target != null) {
            sizeBytes = target.length;
        }
        return new Attributes(
                number,
                mode,
                linkCount,
                uid,
                gid,
                sizeBytes,
                blockCount,
                device,
                accessed,
                modified,
                changed,
                born,
                flags);
    }
}
