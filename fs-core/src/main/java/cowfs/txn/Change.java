package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.btree.BTree;
import cowfs.format.Superblock.Features;
import java.util.ArrayList;
import java.util.List;

/// What one operation may do to a tree in the open transaction group. Valid only inside the body
/// that it was given to, and only on that thread.
///
/// A body that fails with an {@link java.io.IOException} leaves nothing: what it changed in the
/// tree is taken back, and what it declared about extents is noted only at its end. Any other
/// exception after it has changed an item is a defect that leaves half an operation behind, which
/// may never be committed, and stops the pool.
///
/// A body may be run again from its beginning, so it changes nothing but the tree; see {@link
/// #onSuccess}.
public final class Change {
    private final FileTree owner;
    private final BTree tree;
    private final TxgLog log;
    private final PoolStore store;
    private final List<Runnable> inserts = new ArrayList<>(2);
    private final List<Runnable> drops = new ArrayList<>(2);
    private final List<Runnable> actions = new ArrayList<>(1);
    private long referencedBlocks;
    private long inodes;

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
        inserts.add(() -> log.inserted(address, blockCount, crcs, crcFrom));
    }

    /// Declares that an item no longer names blocks: an extent or a part of one. Before or after
    /// the item goes, as long as it is in the same body.
    public void dropExtent(long address, int blockCount, long birthTxg) {
        drops.add(
                () -> {
                    if (log.dropped(address, blockCount, birthTxg)) {
                        store.deferredFrees().addUncommitted(new Range(address, blockCount));
                    }
                });
    }

    /// Declares that one more item names blocks that another names already.
    public void shareExtent(long address, int blockCount) {
        inserts.add(() -> log.shared(address, blockCount));
    }

    /// Declares that an item has something that not every version of the format knows.
    public void needs(Features features) {
        inserts.add(() -> log.needs(features));
    }

    /// Changes the count of data blocks that the tree's items name.
    public void addReferencedBlocks(long delta) {
        referencedBlocks += delta;
    }

    /// Changes the count of the tree's inodes.
    public void addInodes(int delta) {
        inodes += delta;
    }

    /// By how much the count of data blocks changes.
    long referencedBlocksDelta() {
        return referencedBlocks;
    }

    /// By how much the count of inodes changes.
    long inodesDelta() {
        return inodes;
    }

    /// Has something done once the body has succeeded, still under the tree's lock.
    public void onSuccess(Runnable action) {
        actions.add(action);
    }

    /// Notes what the body has declared, at its end: what is dropped comes after what is added, and
    /// after the tree has noted which shared leaves it copied, since those copies hold references
    /// of their own. The other way round a count would fall to zero on the way.
    void finish() {
        inserts.forEach(Runnable::run);
        drops.forEach(Runnable::run);
        owner.addCounts(referencedBlocks, inodes);
        actions.forEach(Runnable::run);
    }
}
