package cowfs.fuse.operation;

import cowfs.file.Attributes;
import cowfs.file.NewInode;

/// Who asks: the owner of what a request creates.
///
/// @param umask where the kernel leaves it to the filesystem (`FUSE_DONT_MASK`), else 0
public record Caller(int uid, int gid, int umask) {
    /// The kernel has applied the umask.
    public Caller(int uid, int gid) {
        this(uid, gid, 0);
    }

    private static final int SET_GROUP_ID = 02000;

    /// What an inode made by this caller starts with. A directory with the set-group-id bit hands
    /// its group on, and the bit to directories; the kernel leaves that to whom it asks.
    NewInode start(Attributes directory, int mode, long device) {
        if ((directory.mode() & SET_GROUP_ID) == 0) {
            return new NewInode(mode, uid, gid, device, umask);
        }
        boolean inherits = (mode & Attributes.TYPE_MASK) == Attributes.DIRECTORY;
        return new NewInode(
                inherits ? mode | SET_GROUP_ID : mode, uid, directory.gid(), device, umask);
    }
}
