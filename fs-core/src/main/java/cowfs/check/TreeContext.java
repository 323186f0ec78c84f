package cowfs.check;

/// The tree on whose behalf nodes are walked.
///
/// @param id for messages
/// @param kind what items it may hold
/// @param lastSnapshotTxg no younger node of it may be shared
record TreeContext(long id, Kind kind, long lastSnapshotTxg) {
    enum Kind {
        ROOT,
        REFCOUNT,
        SPACE,
        FILES
    }

    static TreeContext pool(long id, Kind kind) {
        return new TreeContext(id, kind, 0);
    }
}
