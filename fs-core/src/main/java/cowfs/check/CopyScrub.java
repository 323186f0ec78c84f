package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.block.NodeStore;
import cowfs.format.BlockPointer;
import cowfs.format.ScrubDamageItem;
import cowfs.txn.CommittedState;
import cowfs.txn.PoolStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The part of a scrub that reads nodes: all copies of one, each from the device and never from the
/// cache, and a bad one written again from a good one. Not thread safe.
final class CopyScrub {
    private final PoolStore store;
    private final NodeStore nodes;
    private final ScrubTally tally;

    CopyScrub(PoolStore store, ScrubTally tally) {
        this.store = store;
        this.nodes = store.nodes();
        this.tally = tally;
    }

    /// The blocks that {@link #scrub} reads.
    long blocks(BlockPointer pointer) {
        return (long) (pointer.copyAddress() == 0 ? 1 : 2) * nodes.nodeBlocks();
    }

    /// Verifies all copies of a node of a state, in an epoch, and repairs what it can.
    ///
    /// @param inode where the walk stands, to say what is lost with it
    /// @return the node, null when no copy is good
    @Nullable CommittedNode scrub(
            CommittedState state, BlockPointer pointer, int level, long tree, long inode)
            throws IOException {
        tally.addVerified(blocks(pointer));
        CommittedNode primary = readCopy(pointer, pointer.address(), level);
        CommittedNode copy =
                pointer.copyAddress() == 0
                        ? primary
                        : readCopy(pointer, pointer.copyAddress(), level);
        CommittedNode good = primary != null ? primary : copy;
        if (good == null) {
            nodes.damage().unreadable(pointer.address(), nodes.nodeBlocks());
            addLost(tree, inode, pointer.address());
        } else if (primary == null || copy == null) {
            long bad = primary == null ? pointer.address() : pointer.copyAddress();
            if (store.repair().rewrite(state, good, bad)) {
                tally.addRepaired(1);
            } else {
                nodes.damage().badCopy(good.pointer(), good.level(), bad);
                addLost(tree, inode, bad);
            }
        }
        return good;
    }

    private void addLost(long tree, long inode, long address) {
        tally.addLost(new ScrubDamageItem(true, tree, inode, 0, nodes.nodeBlocks(), address));
    }

    /// A node from any copy, also from the cache; null when none is good.
    @Nullable CommittedNode readAny(BlockPointer pointer, int level) {
        try {
            return nodes.read(pointer, level);
        } catch (IOException unreadable) {
            return null; // listed by the pass that verified it, or the next one will
        }
    }

    private @Nullable CommittedNode readCopy(BlockPointer pointer, long address, int level) {
        try {
            return nodes.readCopy(pointer, address, level);
        } catch (IOException bad) {
            return null;
        }
    }
}
