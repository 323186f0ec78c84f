package cowfs.api;

import cowfs.file.Timestamp;
import java.util.UUID;

/// One bookmark: a base to send from that keeps no space.
///
/// @param snapshot UUID of the snapshot that it was made of, here and wherever that was received
/// @param txg the transaction group that made the snapshot
/// @param created when the snapshot was taken
public record BookmarkInfo(BookmarkRef ref, UUID snapshot, long txg, Timestamp created) {}
