package cowfs.tools.control;

import java.util.Locale;

/// What a request asks for. The name in lower case is its word on the wire.
public enum Verb {
    INFO,
    LIST,
    CREATE_SUBVOLUME,
    RENAME_SUBVOLUME,
    SNAPSHOT,
    CLONE,
    ROLLBACK,
    HISTORY,
    UNDELETE,
    COPY,
    /// Answered by how far it is, every now and then, and at the end by what it came to.
    DEDUP,
    PURGE,
    DELETE,
    PROPERTIES,
    SET_PROPERTY,
    HOLD,
    RELEASE,
    BOOKMARKS,
    CREATE_BOOKMARK,
    DELETE_BOOKMARKS,
    SPACE_USAGE,
    PATH_USAGE,
    FREED_BY_DELETING,
    /// Answered by any number of items.
    DIFF,
    START_SCRUB,
    STOP_SCRUB,
    SCRUB,
    RESIZE,
    TRIM,
    SYNC,
    AWAIT_RECLAIM,
    /// Write a stream to the socket that is named.
    SEND,
    /// Read a stream from the socket that is named.
    RECEIVE,
    RECEIVE_TOKEN,
    IDENTITIES,
    ABORT_RECEIVE,
    /// Keep the state that there is now, with all that was written, for this connection.
    PIN,
    UNPIN,
    FILE_LOOKUP,
    FILE_ATTRIBUTES,
    FILE_TARGET,
    FILE_PARENT,
    FILE_ENTRIES,
    FILE_ENTRIES_WITH_ATTRIBUTES,
    FILE_CONTENT,
    FILE_SEEK,
    FILE_XATTR,
    FILE_XATTRS,
    /// Who the daemon is and what it has mounted.
    STATUS,
    MOUNT,
    /// Wait until a mount is gone and, if it was the last, until the pool is closed.
    AWAIT_UNMOUNT,
    /// What the daemon's log tells; with a level, from now on.
    LOG_LEVEL,
    /// What the daemon has done since it started.
    IOSTAT;

    /// Whether the reply is any number of items and then the end.
    boolean isStreamed() {
        return this == DIFF || this == DEDUP;
    }

    /// The verb's word on the wire.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
