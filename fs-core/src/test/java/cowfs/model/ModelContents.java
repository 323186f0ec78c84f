package cowfs.model;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.AllocateMode;
import java.nio.ByteBuffer;

/// What may be done to the content of files, and what that does to their attributes. Whoever calls
/// it holds the lock of the pool.
final class ModelContents {
    private final ModelTree tree;

    ModelContents(ModelTree tree) {
        this.tree = tree;
    }

    int read(long inode, long offset, ByteBuffer target) throws RequestException {
        ModelContent content = tree.get(inode).content();
        if (offset < 0) {
            throw new RequestException(ErrorKind.INVALID, "at " + offset);
        }
        return content.read(offset, target);
    }

    void write(long inode, long offset, ByteBuffer source, SetIdBits bits) throws RequestException {
        ModelInode file = tree.get(inode);
        ModelContent content = file.content();
        requireRange(offset, source.remaining());
        if (source.hasRemaining()) {
            content.write(offset, source);
            touch(file, bits);
        }
    }

    void allocate(long inode, AllocateMode mode, long offset, long lengthBytes, SetIdBits bits)
            throws RequestException {
        ModelInode file = tree.get(inode);
        ModelContent content = file.content();
        if (lengthBytes == 0) {
            throw new RequestException(ErrorKind.INVALID, "an empty range");
        }
        requireRange(offset, lengthBytes);
        if (mode == AllocateMode.ALLOCATE || mode == AllocateMode.ALLOCATE_KEEP_SIZE) {
            file.requireMutable();
        } else {
            file.requireChangeable();
        }
        content.allocate(mode, offset, lengthBytes);
        touch(file, bits);
    }

    /// @param source asked for when the target has been found: the order of errors counts
    long copyRange(
            Source source,
            long sourceInode,
            long sourceOffset,
            long inode,
            long offset,
            long lengthBytes,
            SetIdBits bits)
            throws RequestException {
        ModelInode file = tree.get(inode);
        ModelTree sourceTree = source.get();
        ModelContent content = file.content();
        file.requireChangeable();
        ModelContent from = sourceTree.get(sourceInode).content();
        if (sourceOffset < 0 || offset < 0 || lengthBytes < 0) {
            throw new RequestException(ErrorKind.INVALID, "a negative range");
        }
        long count = Math.min(lengthBytes, from.sizeBytes() - sourceOffset);
        if (count <= 0) {
            return 0L;
        }
        requireRange(offset, count);
        if (from == content && sourceOffset < offset + count && offset < sourceOffset + count) {
            throw new RequestException(ErrorKind.INVALID, "overlapping ranges");
        }
        content.copyRange(from, sourceOffset, offset, count);
        touch(file, bits);
        return count;
    }

    void cloneFile(Source source, long sourceInode, long inode, SetIdBits bits)
            throws RequestException {
        ModelInode file = tree.get(inode);
        ModelContent content = file.content();
        ModelTree sourceTree = source.get();
        if (sourceTree == tree && sourceInode == inode) {
            throw new RequestException(ErrorKind.INVALID, "a clone of itself");
        }
        file.requireChangeable();
        ModelContent from = sourceTree.get(sourceInode).content();
        content.resize(from.sizeBytes());
        content.copyRange(from, 0, 0, from.sizeBytes());
        touch(file, bits);
    }

    private void touch(ModelInode file, SetIdBits bits) {
        file.dropPrivileges(bits);
        file.modified = tree.now();
        file.changed = file.modified;
    }

    static void requireRange(long offset, long lengthBytes) throws RequestException {
        if (offset < 0 || lengthBytes < 0) {
            throw new RequestException(ErrorKind.INVALID, offset + " for " + lengthBytes);
        }
        if (offset > Volume.MAX_FILE_BYTES - lengthBytes) {
            throw new RequestException(ErrorKind.FILE_TOO_LARGE, offset + " for " + lengthBytes);
        }
    }

    /// The tree to copy from.
    @FunctionalInterface
    interface Source {
        ModelTree get() throws RequestException;
    }
}
