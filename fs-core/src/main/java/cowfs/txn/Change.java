package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.btree.BTree;

/// What one operation may do to a tree in the open transaction group. Valid only inside the body
/// that it was given to, and only on that thread.
///
/// A body looks before it touches: it makes all its checks before its first change. One that fails
/// after it has changed something leaves half an operation behind, which may never be committed,
/// and stops the pool.
public final class Change {
    private final FileTree owner;
    private final BTree tree;
    private final TxgLog log;
    private final PoolStore store;

    Change(FileTree owner, BTree tree, TxgLog log, PoolStore store) {
        this.owner = owner;
        this.tree = tree;
        this.log = log;
        this.store = store;
    }

    /// The tree to change.
    public BTree tree() {
        return tree;
    }

    /// The open transaction group: the birth of what is made now.
    public long txg() {
        return log.txg();
    }

    /// Declares that an item names freshly allocated and written data blocks.
    ///
    /// @param crcs their CRC32Cs; empty for blocks that were not written
    /// @param crcFrom index of the first block's
    public void insertExtent(long address, int blockCount, int[] crcs, int crcFrom) {
        log.inserted(address, blockCount, crcs, crcFrom);
    }

    /// Declares that an item no longer names blocks: an extent or a part of one.
    public void dropExtent(long address, int blockCount, long birthTxg) {
        if (log.dropped(address, blockCount, birthTxg)) {
            store.deferredFrees().addUncommitted(new Range(address, blockCount));
        }
    }

    /// Declares that one more item names blocks that another names already.
    public void shareExtent(long address, int blockCount) {
        log.shared(address, blockCount);
    }

    /// Changes the count of data blocks that the tree's items name.
    public void addReferencedBlocks(long delta) {
        owner.addReferencedBlocks(delta);
    }
}
