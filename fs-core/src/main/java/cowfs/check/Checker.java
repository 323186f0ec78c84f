package cowfs.check;

import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.format.Superblock;
import cowfs.txn.PoolOptions;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.time.Duration;

/// The checker of whole images: verifies every byte that a committed state reaches, recounts all
/// that is counted, and reports each damage. It changes nothing and goes on behind damage.
///
/// ```
///   superblocks
///   root tree ---- subvolumes, roots of the pool's trees, references to reclaim, pending list
///   refcount tree, space tree          by themselves
///   file trees: live, then snapshots   each node once: copies, bounds, items; each data block once
///   references still to reclaim
///   recount: reference counts, bitmaps, summaries, counters
/// ```
///
/// Cost: each node (both copies) and data block is read once, however many trees share it, and the
/// pool's own trees twice. For every tree that shares nodes with others there is one look at each
/// of its own nodes and at each pointer from them to shared ones. Memory: {@link BlockLedger} for
/// the blocks in use, {@link NodeWalk} for shared nodes, 16 MiB of cached nodes, and a bounded list
/// of findings; there is no map of inodes or names.
public final class Checker {
    /// For nodes that are read again.
    static final long NODE_CACHE_BYTES = 16 << 20;

    private Checker() {}

    /// Checks the last durable state of an open pool. Blocks that it reaches are not reused
    /// meanwhile.
    public static CheckResult check(PoolStore store, CheckProgress progress) {
        long epoch = store.epochs().enter();
        try {
            return new CheckRun(store.device(), store.state().superblock(), progress).run();
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// Checks an image that may be too damaged to be opened.
    ///
    /// @throws IOException when there is no state to check: no valid superblock, too new, cut short
    public static CheckResult check(BlockDevice device, CheckProgress progress) throws IOException {
        PoolOptions options =
                new PoolOptions(
                        true, NODE_CACHE_BYTES, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);
        try (PoolStore store = PoolStore.open(device, options)) {
            return check(store, progress);
        } catch (CorruptException damaged) {
            Superblock superblock = SuperblockCheck.findNewest(device);
            if (superblock == null) {
                throw damaged;
            }
            CheckRun run = new CheckRun(device, superblock, progress);
            run.findings()
                    .add(DamageCode.BAD_ITEM, damaged.record(), damaged.where(), damaged.reason());
            return run.run();
        }
    }
}
