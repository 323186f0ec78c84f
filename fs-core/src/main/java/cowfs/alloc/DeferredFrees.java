package cowfs.alloc;

import cowfs.format.Blocks;
import cowfs.format.GroupItem.Use;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Freed blocks on their way back to the {@link SpaceMap}.
///
/// ```
///   freed in txg n --commit--> waits for the state --n sealed, or n+1 durable--> waits for readers --epoch--> allocatable
///   born and freed in the open txg ----------------------------------------->  waits for readers
/// ```
///
/// *The state.* Recovery may go back from an unsealed n to n-1, which still reaches what n freed.
/// It can't once n was sealed, or once n+1 is durable (its superblock is not written before n's
/// flush has returned). *Readers* that resolved an address before the block was freed are inside an
/// epoch until their bytes are out. *Pins* are for readers that want one state for longer than an
/// epoch may last: see {@link PinnedBlocks}. Whoever runs out of space ends them, so a pin never
/// makes anybody else fail.
///
/// Where released blocks lie is remembered, in units of {@link SpaceMap#DISCARD_BLOCKS}, so that
/// units that are free as a whole can be discarded: that gives their space back to the host when it
/// is not reused soon. Single blocks are not worth it: punching each of them costs more than the
/// write that freed it, and tears the image file into as many extents. Memory: one map entry for
/// each group that had releases since the last discard. Thread safe.
public final class DeferredFrees {
    private record Waiting(long stamp, List<Range> ranges) {}

    private final SpaceMap map;
    private final Epochs epochs;
    private final TreeMap<Long, List<Range>> byTxg = new TreeMap<>();
    private final ArrayDeque<Waiting> forReaders = new ArrayDeque<>();
    private final TreeMap<Long, Long> discardable = new TreeMap<>();

    /// Oldest first.
    private final List<PinnedBlocks> pins = new ArrayList<>();

    /// The commits up to this one can't be undone by recovery.
    private long safeTxg;

    private long waitingBlocks;
    private long waitingDataBlocks;

    public DeferredFrees(SpaceMap map, Epochs epochs) {
        this.map = map;
        this.epochs = epochs;
    }

    /// Takes over what the commit of `txg` freed: no state from `txg` on reaches it.
    public synchronized void add(long txg, List<Range> freed) {
        List<Range> ranges = pins.isEmpty() ? freed : pins.getLast().keep(txg, freed);
        awaitState(txg, ranges);
    }

    private void awaitState(long txg, List<Range> ranges) {
        if (!ranges.isEmpty()) {
            byTxg.computeIfAbsent(txg, t -> new ArrayList<>()).addAll(ranges);
            ranges.forEach(range -> count(range, 1));
        }
    }

    /// Takes over blocks that no committed or frozen state has ever reached.
    public synchronized void addUncommitted(Range range) {
        forReaders.add(new Waiting(epochs.stamp(), List.of(range)));
        count(range, 1);
    }

    /// Notes that `txg` is durable.
    ///
    /// @param sealed whether its superblock was written after a flush of all that it reaches
    public synchronized void durable(long txg, boolean sealed) {
        safeTxg = Math.max(safeTxg, sealed ? txg : txg - 1);
        var safe = byTxg.headMap(txg, sealed);
        for (List<Range> ranges : safe.values()) {
            forReaders.add(new Waiting(epochs.stamp(), ranges));
        }
        safe.clear();
    }

    /// Keeps from now on what the last durable state has in use. No commit runs meanwhile.
    ///
    /// @param spaceTree a reader of that state's space tree
    public synchronized PinnedBlocks pin(SpaceTree spaceTree) {
        PinnedBlocks pin = new PinnedBlocks(spaceTree);
        pins.add(pin);
        return pin;
    }

    /// How many pins there are.
    public synchronized int pinCount() {
        return pins.size();
    }

    /// Ends a pin, if it has not ended yet.
    public synchronized void unpin(PinnedBlocks pin) {
        int place = pins.indexOf(pin);
        if (place < 0) {
            return;
        }
        pins.remove(place);
        // before the stamp: who finds it not ended is in an epoch that the stamp waits for
        pin.end();
        List<Range> free = pin.giveUp(place == 0 ? null : pins.get(place - 1));
        if (pin.lastTxg() > safeTxg) {
            awaitState(pin.lastTxg(), free);
        } else if (!free.isEmpty()) {
            forReaders.add(new Waiting(epochs.stamp(), free));
            free.forEach(range -> count(range, 1));
        }
    }

    /// Ends all pins because what they keep is needed.
    ///
    /// @return whether they kept anything
    public synchronized boolean endPins() {
        if (keptBlockCount() == 0) {
            return false;
        }
        List.copyOf(pins).reversed().forEach(this::unpin);
        return true;
    }

    /// Blocks that only pins keep.
    public synchronized long keptBlockCount() {
        return pins.stream().mapToLong(PinnedBlocks::keptBlockCount).sum();
    }

    /// Of {@link #keptBlockCount}, those that data can take once the pins have ended.
    public synchronized long keptDataBlockCount() {
        long count = 0;
        for (PinnedBlocks pin : pins) {
            count += pin.keptBlockCount(group -> map.use(group) == Use.DATA);
        }
        return count;
    }

    /// Releases what no reader can see any more.
    ///
    /// @return whether nothing waits for readers now
    public synchronized boolean releaseSafe() throws IOException {
        while (!forReaders.isEmpty() && epochs.isPast(forReaders.getFirst().stamp)) {
            for (Range range : forReaders.removeFirst().ranges) {
                count(range, -1);
                map.release(range);
                noteDiscardable(range);
            }
        }
        return forReaders.isEmpty();
    }

    /// Of {@link #waitingBlockCount}, those that data can take again: a commit brings them back.
    public synchronized long waitingDataBlockCount() {
        return waitingDataBlocks;
    }

    /// A group keeps its use while blocks of it are busy, so that what is added is what is taken
    /// away.
    private void count(Range range, int sign) {
        waitingBlocks += (long) sign * range.blockCount();
        if (map.use(range.address() >>> Blocks.GROUP_SHIFT) == Use.DATA) {
            waitingDataBlocks += (long) sign * range.blockCount();
        }
    }

    /// Blocks that were freed and can't be handed out yet.
    public synchronized long waitingBlockCount() {
        return waitingBlocks;
    }

    /// Remembers free blocks for {@link #takeDiscardable}: a bit for each unit of a group.
    public synchronized void noteDiscardable(Range range) {
        long last = (range.end() - 1) / SpaceMap.DISCARD_BLOCKS;
        for (long unit = range.address() / SpaceMap.DISCARD_BLOCKS; unit <= last; unit++) {
            discardable.merge(unit / Long.SIZE, 1L << unit, (known, added) -> known | added);
        }
    }

    /// Units with blocks that were released since the last call, ascending, neighbours in one
    /// range, none across a group's end. Blocks between may be in use.
    public synchronized List<Range> takeDiscardable() {
        List<Range> units = new ArrayList<>();
        discardable.forEach(
                (group, bits) -> {
                    long left = bits;
                    while (left != 0) {
                        int first = Long.numberOfTrailingZeros(left);
                        int count = Long.numberOfTrailingZeros(~(left >>> first));
                        units.add(
                                new Range(
                                        (group << Blocks.GROUP_SHIFT)
                                                + (long) first * SpaceMap.DISCARD_BLOCKS,
                                        count * SpaceMap.DISCARD_BLOCKS));
                        left &= first + count == Long.SIZE ? 0 : -1L << (first + count);
                    }
                });
        discardable.clear();
        return units;
    }
}
