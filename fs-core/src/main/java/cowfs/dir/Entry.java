package cowfs.dir;

/// The place of a name in a directory and what is there.
///
/// @param offset of the dirent's key, which is the cookie; of a name that does not exist the place
///   where it would go, or 0 when none is free
/// @param child inode number, or 0 when the name does not exist
/// @param type file type bits of the child
public record Entry(long offset, long child, int type) {
    public boolean exists() {
        return child != 0;
    }
}
