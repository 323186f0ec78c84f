package cowfs.fuse.operation;

import cowfs.file.Volume;

/// The number that the kernel knows a file of a mount by, and that `stat` shows as `st_ino`: tree number
/// and inode number in one `long`.
///
///     bit  63   62..40                               39..0
///          0    tree id, 0 for the mounted tree      inode number
///
/// So the files of the mounted tree have their own inode numbers, the same file seen in two snapshots
/// has two numbers, and a number means the same after a remount. No number is ever 0 or negative. What does
/// not fit (a million million inodes made in one tree, eight million trees in one image) is `EOVERFLOW`.
public final class NodeId {
    /// The root of the mounted tree; the kernel's `FUSE_ROOT_ID`.
    public static final long ROOT = Volume.ROOT_INODE;

    static final int INODE_BITS = 40;
    static final long MAX_INODE = (1L << INODE_BITS) - 1;

    /// The tree number of what belongs to no tree.
    private static final long VIRTUAL_TREE = (1L << (63 - INODE_BITS)) - 1;

    static final long MAX_TREE = VIRTUAL_TREE - 1;

    /// The virtual `.snapshots` directory.
    public static final long SNAPSHOTS = VIRTUAL_TREE << INODE_BITS | 1;

    private NodeId() {}

    /// @param tree 0 for the mounted tree, else the id of a snapshot's tree
    static long of(long tree, long inode) throws ErrnoException {
        if (inode <= 0 || inode > MAX_INODE || tree < 0 || tree > MAX_TREE) {
            throw new ErrnoException(
                    Errno.EOVERFLOW, "tree " + tree + " inode " + inode + " fit in no node id");
        }
        return tree << INODE_BITS | inode;
    }

    /// Whether a node is a file of a snapshot, or the directory of them.
    public static boolean isInSnapshot(long node) {
        return tree(node) != 0;
    }

    static long tree(long node) {
        return node >>> INODE_BITS;
    }

    static long inode(long node) {
        return node & MAX_INODE;
    }
}
