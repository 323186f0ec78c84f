package cowfs.txn;

import cowfs.device.BlockDevice;
import cowfs.device.CowGuardDevice;
import cowfs.device.ForwardingDevice;
import cowfs.error.CorruptException;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A device that, whenever a flush has made a superblock durable, protects all blocks that this
/// state's own bitmaps call allocated, but for the repair of a bad copy of a node.
public final class DurableGuard implements ForwardingDevice {
    private final CowGuardDevice guard;
    private final BlockDevice device;
    private long guardedTxg;
    private Superblock guarded;

    /// The state before: a repair may have begun when it was the newest one.
    private Superblock before;

    private long repairCount;

    public DurableGuard(BlockDevice device) throws IOException {
        this.device = device;
        this.guard = new CowGuardDevice(device);
        guard.allowRepairs(this::isRepair);
        protectNewest();
    }

    /// The newest state that is protected.
    synchronized long guardedTxg() {
        return guardedTxg;
    }

    public void assertNoViolations() {
        guard.assertNoViolations();
    }

    private synchronized void protectNewest() throws IOException {
        List<Superblock> found = new SuperblockRing(device).find();
        Superblock newest = found.getFirst();
        if (newest.txg() == guardedTxg) {
            return;
        }
        Set<Long> slots = new HashSet<>();
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long start = newest.areaStart(area);
            for (int slot = 0; slot < SuperblockArea.SLOTS; slot++) {
                slots.add(start + slot);
            }
        }
        guard.protect(ImageAudit.allocated(device, newest), slots);
        guardedTxg = newest.txg();
        before = guarded == null ? newest : guarded;
        guarded = newest;
    }

    /// The writes that were let through as repairs.
    public synchronized long repairCount() {
        return repairCount;
    }

    private synchronized boolean isRepair(long position, ByteBuffer bytes) throws IOException {
        boolean repair =
                RepairOfCopy.is(device, guarded, position, bytes.duplicate())
                        || isRepairOf(before, position, bytes);
        repairCount += repair ? 1 : 0;
        return repair;
    }

    /// What the newest state does not reach any more may be waiting to be freed: it counts as
    /// allocated, and the bad copy of it can be repaired still.
    private boolean isRepairOf(Superblock earlier, long position, ByteBuffer bytes)
            throws IOException {
        try {
            return RepairOfCopy.is(device, earlier, position, bytes);
        } catch (CorruptException reused) {
            return false;
        }
    }

    @Override
    public BlockDevice target() {
        return guard;
    }

    @Override
    public void flush() throws IOException {
        guard.flush();
        protectNewest();
    }
}
