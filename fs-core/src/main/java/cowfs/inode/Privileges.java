package cowfs.inode;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
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

    public Privileges(Xattrs xattrs) {
        this.xattrs = xattrs;
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
