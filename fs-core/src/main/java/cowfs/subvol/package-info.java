/// Subvolumes, snapshots and clones, and the reclaim of what a deleted one leaves behind.
///
/// May use: `file`, `txn`, `btree`, `alloc`, `format`, `error`; never its siblings `inode` and
/// `dir`.
///
/// - A snapshot or a clone is one new item and one count more on a root: O(1), whatever the size.
/// - The txg of the last snapshot of a subvolume only ever rises.
/// - A deletion unlinks at once; reclaim goes in bounded steps, and its cursor is on disk, so that
///   a crash resumes it.
@NullMarked
package cowfs.subvol;

import org.jspecify.annotations.NullMarked;
