package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.btree.BTree;
import java.util.ArrayList;
import java.util.List;

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
    private final List<Drop> drops = new ArrayList<>();

    private record Drop(Range blocks, long birthTxg) {}

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

    /// Declares that an item no longer names blocks: an extent or a part of one. Before or after
    /// the item goes, as long as it is in the same body.
    public void dropExtent(long address, int blockCount, long birthTxg) {
        drops.add(new Drop(new Range(address, blockCount), birthTxg));
    }

    /// Notes what was dropped, at the end of the body: after the tree has noted which shared leaves
    /// it copied, since those copies hold references of their own. The other way round a count
    /// would fall to zero on the way.
    void finish() {
        for (Drop drop : drops) {
            Range blocks = drop.blocks;
            if (log.dropped(blocks.address(), blocks.blockCount(), drop.birthTxg)) {
                store.deferredFrees().addUncommitted(blocks);
            }
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
