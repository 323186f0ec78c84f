package cowfs.txn;

import cowfs.alloc.DeferredFrees;
import cowfs.alloc.Range;
import cowfs.alloc.SpaceMap;
import cowfs.device.BlockDevice;
import cowfs.format.Blocks;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Gives the space of freed blocks that nobody has used again back to the host.
///
/// A range is held in the map, so that nobody is handed it, discarded, and let go. A discard is
/// advice: when the device can't do it, that is logged once, and the blocks can be used again all
/// the same. Thread safe.
final class Discards {
    private static final System.Logger LOG = System.getLogger("cowfs.txn");

    private final BlockDevice device;
    private final SpaceMap map;
    private final DeferredFrees deferredFrees;
    private final AtomicBoolean failed = new AtomicBoolean();

    Discards(BlockDevice device, SpaceMap map, DeferredFrees deferredFrees) {
        this.device = device;
        this.map = map;
        this.deferredFrees = deferredFrees;
    }

    /// Discards what was released since the last call and is still free.
    ///
    /// @param spareFronts leave the groups alone that blocks are being taken from, until a later
    ///   call
    /// @throws IOException when a bitmap can't be read
    void discardUnused(boolean spareFronts) throws IOException {
        deferredFrees.releaseSafe();
        for (Range candidate : deferredFrees.takeDiscardable()) {
            if (spareFronts && map.isFront(candidate.address() >>> Blocks.GROUP_SHIFT)) {
                deferredFrees.noteDiscardable(candidate);
                continue;
            }
            discardHeld(map.hold(candidate));
        }
    }

    /// Discards all that is free, group by group, whether it was ever used or not.
    ///
    /// @return how many bytes those are
    /// @throws IOException when a bitmap can't be read
    long discardFree() throws IOException {
        deferredFrees.releaseSafe();
        long blocks = 0;
        for (long group = 0; group < map.groupCount(); group++) {
            blocks += discardHeld(map.holdFree(group));
        }
        return Blocks.toBytes(blocks);
    }

    /// Discards ranges that are held, and lets all of them go.
    ///
    /// @return how many blocks those are
    private long discardHeld(List<Range> held) throws IOException {
        long blocks = 0;
        try {
            held.forEach(this::discard);
        } finally {
            for (Range range : held) {
                map.letGo(range);
                blocks += range.blockCount();
            }
        }
        return blocks;
    }

    private void discard(Range range) {
        try {
            device.discard(Blocks.toBytes(range.address()), Blocks.toBytes(range.blockCount()));
        } catch (IOException refused) {
            if (failed.compareAndSet(false, true)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "freed space can't be given back to the host, and stays with the image: "
                                + refused.getMessage());
            }
        }
    }
}
