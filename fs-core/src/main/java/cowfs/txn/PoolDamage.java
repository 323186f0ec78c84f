package cowfs.txn;

/// What reads of a pool have found damaged since it was opened.
///
/// @param repairedCopies copies of nodes that were made good again
/// @param badCopies copies of nodes that are bad still, while the other one is good
/// @param unreadableBlocks blocks of nodes without a good copy, and of file data
public record PoolDamage(long repairedCopies, long badCopies, long unreadableBlocks) {}
