package cowfs.txn;

import cowfs.device.BlockDevice;
import cowfs.error.CowException;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The making of a pool on a device.
///
/// {@link #erase} comes first and makes durable that there is none; {@link #format} then makes one
/// with its first commit. A crash between them, or in either, leaves a device without a pool and
/// never half of the old one.
public final class NewPool {
    private NewPool() {}

    /// Makes durable that no pool is on the device any more, whatever size it had: so that after a
    /// power cut while a new one is made the old one does not come back half overwritten.
    public static void erase(BlockDevice device) throws IOException {
        SuperblockRing ring = new SuperblockRing(device);
        long deviceBlocks = device.sizeBytes() >>> Blocks.SHIFT;
        Set<Long> starts = new TreeSet<>(List.of(0L, SuperblockArea.start(1, deviceBlocks)));
        try {
            ring.find().forEach(old -> starts.add(old.areaStart(1)));
        } catch (CowException noPool) {
            // one that can't be opened comes back no more than one that is not there
        }
        ring.clear(starts);
        device.flush();
    }

    /// Makes a pool, with the state that `first` builds, and leaves it closed.
    ///
    /// @param start what the superblock is to say; its txg, root and counters are ignored
    public static void format(BlockDevice device, Superblock start, CommitStep first)
            throws IOException {
        Superblock blank =
                start.next(
                        0,
                        BlockPointer.NONE,
                        0,
                        TreeId.FIRST_SUBVOLUME,
                        0,
                        (long) SuperblockArea.AREAS * SuperblockArea.SLOTS,
                        null);
        new SuperblockRing(device).clear(List.of(start.areaStart(0), start.areaStart(1)));
        device.flush();
        PoolStore store = PoolStore.blank(device, blank);
        PoolTrees trees = store.trees();
        trees.begin(1);
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            trees.space().markReserved(start.areaStart(area), SuperblockArea.SLOTS, trees.map());
        }
        store.submit(first);
        store.close();
    }
}
