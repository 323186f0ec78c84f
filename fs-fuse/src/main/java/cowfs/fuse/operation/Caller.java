package cowfs.fuse.operation;

import cowfs.file.Attributes;
import cowfs.file.NewInode;

/// Who asks: the owner of what a request creates.
public record Caller(int uid, int gid) {
    private static final int SET_GROUP_ID = 02000;

    /// What an inode made by this caller starts with. A directory with the set-group-id bit hands
    /// its group on, and the bit to directories; the kernel leaves that to whom it asks.
    NewInode start(Attributes directory, int mode, long device) {
        if ((directory.mode() & SET_GROUP_ID) == 0) {
            return new NewInode(mode, uid, gid, device);
        }
        boolean inherits = (mode & Attributes.TYPE_MASK) == Attributes.DIRECTORY;
        return new NewInode(inherits ? mode | SET_GROUP_ID : mode, uid, directory.gid(), device);
    }
}
