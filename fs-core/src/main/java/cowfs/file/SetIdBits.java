package cowfs.file;

/// What a change of a file's content or owner does to the bits that make whoever runs it someone
/// else, as `FUSE_HANDLE_KILLPRIV_V2` asks for it.
public enum SetIdBits {
    /// Leaves them: the caller may keep them (`CAP_FSETID`), or the kernel has seen to them.
    KEEP,
    /// Clears set-user-id, and set-group-id where the group may execute the file (without that it
    /// is the mark of mandatory locking).
    CLEAR
}
