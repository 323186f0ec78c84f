package cowfs.fs;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.dir.InodeRefs;
import cowfs.dir.Names;
import cowfs.error.CorruptException;
import cowfs.file.Attributes;
import cowfs.inode.Inodes;
import cowfs.txn.FileTree;
import java.io.IOException;

/// What names lead to: the attributes of the inode that an entry of a directory names. A name that
/// contradicts its inode is damage, not an absent file. Thread safe; every call belongs into a tree
/// section.
final class Children {
    private final FileTree tree;
    private final Inodes inodes;
    private final InodeRefs refs;

    Children(FileTree tree, Inodes inodes, InodeRefs refs) {
        this.tree = tree;
        this.inodes = inodes;
        this.refs = refs;
    }

    /// @param c may be near the child's inode, and is there afterwards
    /// @param type file type bits that the entry says
    /// @throws CorruptException when there is no such inode, or a directory has another place
    Attributes get(BTree items, Cursor c, long directory, byte[] name, long child, int type)
            throws IOException {
        Attributes found = inodes.lookupAttributes(c, child);
        if (found == null || found.type() != type) {
            throw new CorruptException(
                    "dirent item",
                    "tree=" + tree.id() + " inode=" + directory,
                    "its name "
                            + Names.text(name)
                            + " leads to inode "
                            + Long.toUnsignedString(child)
                            + ", which "
                            + (found == null ? "does not exist" : "is of another type"));
        }
        if (found.isDirectory()) {
            refs.requireName(items, child, directory, name);
        }
        return found;
    }
}
