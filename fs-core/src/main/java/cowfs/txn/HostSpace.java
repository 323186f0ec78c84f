package cowfs.txn;

import cowfs.alloc.DeferredFrees;
import cowfs.alloc.Range;
import cowfs.alloc.SpaceMap;
import cowfs.device.BlockDevice;
import cowfs.format.Blocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Keeps room on the host ahead of small commits.
///
/// An image is a sparse file, so that a write to a place that was never written, or was punched,
/// makes the host find space for it; and the flush behind it then waits for the host's own journal.
/// That costs a small commit as much as all its writes. So when small commits follow each other,
/// the free blocks that the next ones will get are written with zeros, many at once and behind the
/// blocks that are written anyway, and one flush of the host serves dozens of commits.
///
/// ```
///   position of the next allocation      prepared                            not yet
///   ------------|------------------------------------------|------------------------------------
///                                        <--- a step left --> prepare another step behind it
/// ```
///
/// Only blocks that nobody can reach are written: they are *held* in the map meanwhile, as for a
/// discard. Nothing depends on the zeros. Commits use it, one at a time; {@link #isBusy} and {@link
/// #tick} may be called at any time.
final class HostSpace {
    /// So many small commits between two ticks of the timer are worth it.
    private static final int BUSY_COMMITS = 8;

    private static final int MAX_STEP_BLOCKS = 256;

    private final BlockDevice device;
    private final SpaceMap map;
    private final DeferredFrees deferredFrees;
    private final List<Front> fronts;
    private final AtomicInteger commits = new AtomicInteger();

    /// Whether the host could not do it since the last tick.
    private volatile boolean refused;

    HostSpace(BlockDevice device, SpaceMap map, DeferredFrees deferredFrees) {
        this.device = device;
        this.map = map;
        this.deferredFrees = deferredFrees;
        this.fronts =
                List.of(
                        new Front(SpaceMap.DATA, 64),
                        new Front(SpaceMap.PRIMARY_NODES, MAX_STEP_BLOCKS),
                        new Front(SpaceMap.SECOND_NODES, MAX_STEP_BLOCKS));
    }

    /// Called by each small commit before its flush.
    ///
    /// @throws IOException when a bitmap can't be read
    void prepare() throws IOException {
        if (!isBusy() && commits.incrementAndGet() == BUSY_COMMITS) {
            fronts.forEach(Front::forget); // what was prepared may have been discarded
        }
        for (Front front : fronts) {
            if (isBusy() && !refused) {
                front.prepare();
            }
        }
    }

    /// Whether small commits follow each other: what they free will be used again soon.
    boolean isBusy() {
        return commits.get() == BUSY_COMMITS;
    }

    /// Called by the timer, between commits.
    void tick() {
        commits.set(0);
        refused = false;
    }

    /// Where one kind of allocation goes on.
    private final class Front {
        private final int kind;
        private final int stepBlocks;
        private long from;
        private long to;

        Front(int kind, int stepBlocks) {
            this.kind = kind;
            this.stepBlocks = stepBlocks;
        }

        void forget() {
            from = 0;
            to = 0;
        }

        void prepare() throws IOException {
            Range next = map.next(kind);
            if (next == null) {
                return;
            }
            long start = next.address();
            boolean inside = start >= from && start <= to;
            if (inside && (to - start > stepBlocks / 4 || to >= next.end())) {
                return;
            }
            start =
                    inside
                            ? to
                            : Math.ceilDiv(start, SpaceMap.DISCARD_BLOCKS)
                                    * SpaceMap.DISCARD_BLOCKS;
            long end = Math.min(start + stepBlocks, next.end() & -SpaceMap.DISCARD_BLOCKS);
            if (!inside) {
                from = next.address();
            }
            to = end;
            if (start < end && isSparse(start, end - start)) {
                write(new Range(start, (int) (end - start)));
            }
        }

        private void write(Range range) throws IOException {
            List<Range> held = map.hold(range);
            try {
                held.forEach(HostSpace.this::zero);
            } finally {
                for (Range blocks : held) {
                    map.letGo(blocks);
                    deferredFrees.noteDiscardable(blocks); // unless they are used soon
                }
            }
        }
    }

    private boolean isSparse(long address, long blockCount) {
        try {
            return device.isSparse(Blocks.toBytes(address), Blocks.toBytes(blockCount));
        } catch (IOException failed) {
            refuse(failed);
            return false;
        }
    }

    private void zero(Range blocks) {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Blocks.toBytes(blocks.blockCount()));
        try {
            device.write(Blocks.toBytes(blocks.address()), zeros);
        } catch (IOException full) {
            refuse(full);
        }
    }

    /// Leaves it until the next tick: the host may have no room left, and what is really needed
    /// will find out.
    private void refuse(IOException why) {
        if (!refused) {
            System.getLogger("cowfs.txn")
                    .log(
                            System.Logger.Level.DEBUG,
                            "no space is prepared on the host for small commits: {0}",
                            why.getMessage());
        }
        refused = true;
    }
}
