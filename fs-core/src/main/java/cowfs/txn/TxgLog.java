package cowfs.txn;

import cowfs.alloc.Range;
import cowfs.block.Node;
import cowfs.format.Superblock.Features;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the operations of one transaction group leave for its commit: events that change reference
/// counts, and the data blocks that its items name.
///
/// Operations look no reference count up. They note, in order, that a tree stopped using a node,
/// that an item stopped naming blocks, or that one more item names them; the commit replays the
/// notes. That keeps the refcount tree and the space tree to one thread, and an operation to its
/// own tree.
///
/// Thread safe: several trees are changed at once. The notes of one tree are in the order of its
/// changes.
final class TxgLog {
    /// Data blocks whose checksums are kept for an unsealed superblock.
    private static final int MAX_RUN_BLOCKS = 1024;

    /// Something that changes reference counts.
    sealed interface Event {}

    /// A tree put a copy in the place of `old`.
    record Shadowed(FileTree tree, Node old) implements Event {}

    /// An item no longer names these blocks.
    record Dropped(long address, int blockCount) implements Event {}

    /// One more item names these blocks.
    record Shared(long address, int blockCount) implements Event {}

    private final long txg;
    private final List<Event> events = new ArrayList<>();
    private final TreeMap<Long, Integer> inserted = new TreeMap<>();
    private final Map<Long, Integer> crcs = new HashMap<>();
    private final List<CommitStep> steps = new ArrayList<>();
    private boolean crcsComplete = true;
    private Features features = Features.NONE;
    private boolean shared;
    private long referenceTouches;
    private long stepNodes;

    TxgLog(long txg) {
        this.txg = txg;
    }

    long txg() {
        return txg;
    }

    synchronized boolean isEmpty() {
        return events.isEmpty() && inserted.isEmpty() && steps.isEmpty();
    }

    /// @param nodes what the step may cost
    synchronized void addStep(CommitStep step, long nodes) {
        steps.add(step);
        stepNodes += nodes;
        referenceTouches++;
    }

    synchronized boolean hasSteps() {
        return !steps.isEmpty();
    }

    /// An upper bound on the nodes that the steps change.
    synchronized long stepNodes() {
        return stepNodes;
    }

    synchronized void shadowed(FileTree tree, Node old) {
        events.add(new Shadowed(tree, old));
        referenceTouches += 1;
    }

    /// Counts the children of a shadowed node that is shared: each may get a record of its own.
    synchronized void addReferenceTouches(long count) {
        referenceTouches += count;
    }

    /// Notes freshly allocated data blocks.
    synchronized void inserted(long address, int blockCount, int[] blockCrcs, int crcFrom) {
        addInserted(address, blockCount);
        if (crcsComplete && blockCrcs.length > 0 && crcs.size() + blockCount <= MAX_RUN_BLOCKS) {
            for (int i = 0; i < blockCount; i++) {
                crcs.put(address + i, blockCrcs[crcFrom + i]);
            }
        } else if (blockCrcs.length > 0) {
            crcsComplete = false;
            crcs.clear();
        }
    }

    /// Notes that an item no longer names blocks.
    ///
    /// @return true when the blocks were born in this group and nothing else can name them: they
    ///   are free at once and leave no trace in the log
    synchronized boolean dropped(long address, int blockCount, long birthTxg) {
        if (birthTxg == txg && !shared && removeInserted(address, blockCount)) {
            for (int i = 0; i < blockCount && !crcs.isEmpty(); i++) {
                crcs.remove(address + i);
            }
            return true;
        }
        events.add(new Dropped(address, blockCount));
        referenceTouches++;
        return false;
    }

    /// Notes that an item has something that not every version knows.
    synchronized void needs(Features more) {
        features = features.and(more);
    }

    /// What a state with this group's items needs a reader or writer to know.
    synchronized Features features() {
        return features;
    }

    synchronized void shared(long address, int blockCount) {
        shared = true;
        events.add(new Shared(address, blockCount));
        referenceTouches++;
    }

    synchronized List<Event> events() {
        return events;
    }

    synchronized List<CommitStep> steps() {
        return steps;
    }

    /// How many separate notes there are: what the memory for this log follows.
    synchronized int noteCount() {
        return events.size() + inserted.size();
    }

    synchronized int insertedRangeCount() {
        return inserted.size();
    }

    /// An upper bound on the refcount records that the replay touches.
    synchronized long referenceTouches() {
        return referenceTouches;
    }

    /// The data blocks that this group's items name and that no earlier state had, ascending.
    synchronized List<Range> insertedRanges() {
        List<Range> ranges = new ArrayList<>();
        inserted.forEach((address, count) -> ranges.add(new Range(address, count)));
        return ranges;
    }

    /// The checksums of all data blocks of this group, or null when there are too many to list.
    synchronized @Nullable Map<Long, Integer> blockCrcs() {
        return crcsComplete ? crcs : null;
    }

    private void addInserted(long address, int blockCount) {
        Map.Entry<Long, Integer> before = inserted.floorEntry(address);
        if (before != null && before.getKey() + before.getValue() == address) {
            inserted.put(before.getKey(), before.getValue() + blockCount);
        } else {
            inserted.put(address, blockCount);
        }
    }

    private boolean removeInserted(long address, int blockCount) {
        Map.Entry<Long, Integer> holder = inserted.floorEntry(address);
        if (holder == null) {
            return false;
        }
        long start = holder.getKey();
        long end = start + holder.getValue();
        long cutEnd = address + blockCount;
        if (cutEnd > end) {
            return false;
        }
        inserted.remove(start);
        if (start < address) {
            inserted.put(start, (int) (address - start));
        }
        if (cutEnd < end) {
            inserted.put(cutEnd, (int) (end - cutEnd));
        }
        return true;
    }
}
