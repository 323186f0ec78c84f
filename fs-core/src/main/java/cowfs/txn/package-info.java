/// Transaction groups (txg): the superblock ring, commit and recovery.
///
/// May use: `btree`, `alloc`, `block`, `device`, `format`, `error`.
///
/// - Superblock n+1 is not submitted before the flush of n has returned.
/// - A failed write or flush during a commit makes the pool read-only until it is opened again.
/// - A txg number that was given up in recovery is never used again.
@NullMarked
package cowfs.txn;

import org.jspecify.annotations.NullMarked;
