package cowfs.model;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.AttributeChange;
import cowfs.file.InodeFlags;
import cowfs.file.Timestamp;
import java.util.Objects;

/// What a change of attributes does to an inode. Whoever calls it holds the lock of the pool.
final class ModelAttributes {
    private ModelAttributes() {}

    /// Makes a change, which the inode's flags may forbid.
    static ModelInode set(ModelTree tree, ModelInode inode, AttributeChange change)
            throws RequestException {
        Timestamp now = tree.now();
        Long size = change.sizeBytes();
        if (size != null) {
            ModelContent content = inode.content();
            ModelContents.requireRange(size, 0);
            requireAllowed(inode, change);
            inode.modified = now;
            content.resize(size);
        }
        requireAllowed(inode, change);
        if (size != null || change.uid() != null || change.gid() != null) {
            inode.dropPrivileges(change.bits());
        }
        Integer mode = change.mode();
        inode.mode = mode == null ? inode.mode : inode.type() | (mode & 07777);
        inode.uid = Objects.requireNonNullElse(change.uid(), inode.uid);
        inode.gid = Objects.requireNonNullElse(change.gid(), inode.gid);
        inode.accessed = Objects.requireNonNullElse(change.accessed(), inode.accessed);
        inode.modified = Objects.requireNonNullElse(change.modified(), inode.modified);
        if (mode != null) {
            ModelAccess.follow(inode);
        }
        inode.flags = Objects.requireNonNullElse(change.flags(), inode.flags);
        inode.changed = now;
        return inode;
    }

    private static void requireAllowed(ModelInode inode, AttributeChange change)
            throws RequestException {
        if (change.flags() != null && (change.flags() & ~InodeFlags.ALL) != 0) {
            throw new RequestException(ErrorKind.INVALID, "flags");
        }
        if (change.mode() != null
                || change.uid() != null
                || change.gid() != null
                || change.sizeBytes() != null) {
            inode.requireChangeable();
        } else if (change.accessed() != null || change.modified() != null) {
            inode.requireMutable();
        }
    }
}
