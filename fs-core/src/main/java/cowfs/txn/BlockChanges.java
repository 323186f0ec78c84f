package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.format.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The blocks that a commit allocates and frees, and how many of each sort its superblock will
/// count as used.
///
/// Every block that changes between used and free is noted here once, on either side. Freed blocks
/// are free in the space tree from this commit on; the space map hands them out again only when
/// {@link cowfs.alloc.DeferredFrees} lets it.
final class BlockChanges {
    private final List<Range> allocated = new ArrayList<>();
    private final List<Range> freed = new ArrayList<>();
    private long dataBlocks;
    private long metadataBlocks;

    /// @param last what is used before the commit
    BlockChanges(Superblock last) {
        dataBlocks = last.dataBlocks();
        metadataBlocks = last.metadataBlocks();
    }

    void allocatedData(Range range) {
        allocated.add(range);
        dataBlocks += range.blockCount();
    }

    void allocatedNodes(Range range) {
        allocated.add(range);
        metadataBlocks += range.blockCount();
    }

    void freedData(Range range) {
        freed.add(range);
        dataBlocks -= range.blockCount();
    }

    void freedNodes(Range range) {
        freed.add(range);
        metadataBlocks -= range.blockCount();
    }

    List<Range> freed() {
        return freed;
    }

    long dataBlocks() {
        return dataBlocks;
    }

    long metadataBlocks() {
        return metadataBlocks;
    }

    /// Records in the space tree what has been noted so far.
    void mark(PoolTrees trees) throws IOException {
        for (Range range : freed) {
            trees.map().ensureLoaded(range);
        }
        mark(trees, allocated, true);
        mark(trees, freed, false);
    }

    /// Notes places for nodes that were allocated after {@link #mark}, and records them at once.
    void markAllocatedNodes(PoolTrees trees, List<Range> ranges) throws IOException {
        ranges.forEach(range -> metadataBlocks += range.blockCount());
        mark(trees, ranges, true);
    }

    private static void mark(PoolTrees trees, List<Range> ranges, boolean inUse)
            throws IOException {
        List<Range> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(Range::address));
        trees.space().mark(sorted, inUse, trees.map());
    }
}
