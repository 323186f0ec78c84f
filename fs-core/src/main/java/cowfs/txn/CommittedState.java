package cowfs.txn;

import cowfs.block.CommittedNode;
import cowfs.format.Superblock;

/// One durable state of the pool, as its superblock names it. Immutable; to read nodes from it
/// safely, hold an epoch that was entered before the state was taken from the {@link PoolStore}.
///
/// @param rootTree the root of the root tree
public record CommittedState(Superblock superblock, CommittedNode rootTree) {
    public long txg() {
        return superblock.txg();
    }
}
