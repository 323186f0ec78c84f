package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.alloc.SpaceMap;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Places on the device for the nodes of one commit, both copies, contiguous where the map has
/// room. Used by the commit alone.
final class NodeAddresses {
    private final SpaceMap map;
    private final int nodeBlocks;
    private final int copies;
    private final List<ArrayDeque<Range>> left = List.of(new ArrayDeque<>(), new ArrayDeque<>());
    private int leftCount;

    NodeAddresses(SpaceMap map, int nodeBlocks, int copies) {
        this.map = map;
        this.nodeBlocks = nodeBlocks;
        this.copies = copies;
    }

    /// Places not taken yet.
    int leftCount() {
        return leftCount;
    }

    /// Gets places for `count` more nodes.
    ///
    /// @return the ranges that are allocated now
    /// @throws IllegalStateException when there is no room: reserving space before each operation
    ///   must prevent it
    List<Range> allocate(int count) throws IOException {
        List<Range> allocated = new ArrayList<>();
        for (int copy = 0; copy < copies; copy++) {
            int missing = count;
            while (missing > 0) {
                Range range = map.allocateNodes(missing, nodeBlocks, copy);
                if (range == null) {
                    throw new IllegalStateException(
                            "no room for " + missing + " nodes of a commit");
                }
                left.get(copy).add(range);
                allocated.add(range);
                missing -= range.blockCount() / nodeBlocks;
            }
        }
        leftCount += count;
        return allocated;
    }

    /// The next place for the primary copy; {@link #takeCopy} must follow.
    long takePrimary() {
        leftCount--;
        return take(0);
    }

    /// The place for the second copy of the same node; 0 when there is one copy only.
    long takeCopy() {
        return copies == 2 ? take(1) : 0;
    }

    /// Gives up places, those that would be taken last: so that those that are taken lie together.
    ///
    /// @return where they are, both copies
    List<Range> giveUp(int count) {
        leftCount -= count;
        List<Range> ranges = new ArrayList<>();
        for (int copy = 0; copy < copies; copy++) {
            ArrayDeque<Range> queue = left.get(copy);
            for (int i = 0; i < count; i++) {
                Range last = queue.removeLast();
                int kept = last.blockCount() - nodeBlocks;
                if (kept > 0) {
                    queue.addLast(new Range(last.address(), kept));
                }
                ranges.add(new Range(last.address() + kept, nodeBlocks));
            }
        }
        return ranges;
    }

    private long take(int copy) {
        ArrayDeque<Range> queue = left.get(copy);
        Range first = queue.removeFirst();
        if (first.blockCount() > nodeBlocks) {
            queue.addFirst(
                    new Range(first.address() + nodeBlocks, first.blockCount() - nodeBlocks));
        }
        return first.address();
    }
}
