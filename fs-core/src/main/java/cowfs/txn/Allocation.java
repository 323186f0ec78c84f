package cowfs.txn;

/// Data blocks that were handed out and that no item names yet.
///
/// @param address the first block
/// @param blockCount at least 1
public record Allocation(long address, int blockCount) {}
