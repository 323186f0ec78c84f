package cowfs.file;

/// What a new inode starts with.
///
/// @param mode file type and permission bits, umask already applied
/// @param device device number for device nodes, else 0
public record NewInode(int mode, int uid, int gid, long device) {
    public static NewInode regular(int permissions, int uid, int gid) {
        return new NewInode(Attributes.REGULAR | (permissions & 07777), uid, gid, 0);
    }

    public static NewInode directory(int permissions, int uid, int gid) {
        return new NewInode(Attributes.DIRECTORY | (permissions & 07777), uid, gid, 0);
    }
}
