package cowfs.fuse.operation;

/// The two names that every directory has and that no file can have.
final class DotNames {
    private DotNames() {}

    /// Whether a name is `.`.
    static boolean isSelf(byte[] name) {
        return name.length == 1 && name[0] == '.';
    }

    /// Whether a name is `..`.
    static boolean isParent(byte[] name) {
        return name.length == 2 && name[0] == '.' && name[1] == '.';
    }
}
