package cowfs.file;

/// What a new inode starts with.
///
/// @param mode file type and permission bits
/// @param device device number for device nodes, else 0
/// @param umask permissions that it does not get, unless its directory has a default access control
///   list: that counts instead
public record NewInode(int mode, int uid, int gid, long device, int umask) {
    /// Umask already applied.
    public NewInode(int mode, int uid, int gid, long device) {
        this(mode, uid, gid, device, 0);
    }

    /// The same with another mode, umask applied.
    public NewInode withMode(int newMode) {
        return new NewInode(newMode, uid, gid, device, 0);
    }

    public static NewInode regular(int permissions, int uid, int gid) {
        return new NewInode(Attributes.REGULAR | (permissions & 07777), uid, gid, 0);
    }

    public static NewInode directory(int permissions, int uid, int gid) {
        return new NewInode(Attributes.DIRECTORY | (permissions & 07777), uid, gid, 0);
    }
}
