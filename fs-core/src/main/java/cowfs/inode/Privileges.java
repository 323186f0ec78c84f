package cowfs.inode;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.txn.Change;
import java.io.IOException;

/// Takes away what lets a program act for someone else when its content or its owner changes: file
/// capabilities always, the set-id bits when the caller says so. It happens in the change that does
/// the rest, so no crash leaves new content with old privileges.
///
/// Thread safe; every call belongs into a tree section.
public final class Privileges {
    private static final byte[] CAPABILITY = "security.capability".getBytes(UTF_8);

    private final Xattrs xattrs;
    private final AccessLists accessLists;

    public Privileges(Xattrs xattrs, AccessLists accessLists) {
        this.xattrs = xattrs;
        this.accessLists = accessLists;
    }

    /// Sets what `edit` names but the size, with what follows from it for privileges and access
    /// control list. The caller puts the inode.
    public void apply(Change change, Inode inode, AttributeChange edit, Timestamp now)
            throws IOException {
        if (edit.sizeBytes() != null || edit.uid() != null || edit.gid() != null) {
            drop(change, inode, edit.bits());
        }
        inode.apply(edit, now);
        if (edit.mode() != null) {
            accessLists.follow(change, inode);
        }
    }

    /// Takes them from a regular file or a special one; a directory's bits mean something else and
    /// stay. The caller puts the inode.
    public void drop(Change change, Inode inode, SetIdBits bits) throws IOException {
        if (inode.isDirectory() || inode.type() == Attributes.SYMLINK) {
            return;
        }
        xattrs.removeIfPresent(change, inode.number(), CAPABILITY);
        if (bits == SetIdBits.CLEAR) {
            inode.clearSetIdBits();
        }
    }
}
