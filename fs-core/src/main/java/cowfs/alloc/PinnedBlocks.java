package cowfs.alloc;

import cowfs.format.Blocks;
import cowfs.format.GroupItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// The blocks that a pinned state reaches and that a later commit has freed.
///
/// ```
///   states      1      2      3      4      5            a block is freed by commit 5
///                      ^             ^
///                     pin           pin                  the newest pin that has it in use keeps it;
///                                                        when that one ends, the one before is asked
/// ```
///
/// A block is in use from one commit to another without a gap, since a block that is kept is not
/// handed out. So if any pin needs a freed block the newest one does, and only that one has to be
/// asked; when it ends, what it kept goes to the pin before it, if that has it in use, and else on
/// its way back. (ZFS moves the entries of its dead lists in the same way when a snapshot goes.)
/// Which blocks a state has in use its own space tree says, and the nodes of that are kept like all
/// others. A bitmap that can't be read counts as full: keeping too much does no harm.
///
/// Memory: 128 bytes and a map entry for each group of 4 MiB with a block that is kept. Guarded by
/// the monitor of {@link DeferredFrees}, but for {@link #ended}.
public final class PinnedBlocks {
    private static final System.Logger LOG = System.getLogger("cowfs.alloc");

    private final SpaceTree inUse;
    private final Map<Long, long[]> kept = new HashMap<>();
    private long keptBlocks;
    private long lastTxg;
    private volatile boolean ended;

    /// @param inUse the space tree of the pinned state
    PinnedBlocks(SpaceTree inUse) {
        this.inUse = inUse;
    }

    /// Whether the pin has ended, or was ended because its space was needed. A reader asks inside
    /// its epoch: if the answer is no, nothing of the state is reused before the epoch is left.
    public boolean ended() {
        return ended;
    }

    void end() {
        ended = true;
    }

    /// Blocks that are kept and that no state from the last one on reaches.
    long keptBlockCount() {
        return keptBlocks;
    }

    /// Of these, those in some of the groups.
    long keptBlockCount(LongPredicate groups) {
        long count = 0;
        for (Map.Entry<Long, long[]> each : kept.entrySet()) {
            if (groups.test(each.getKey())) {
                for (long word : each.getValue()) {
                    count += Long.bitCount(word);
                }
            }
        }
        return count;
    }

    /// The last commit that freed any of them.
    long lastTxg() {
        return lastTxg;
    }

    /// Keeps what the pinned state has in use.
    ///
    /// @param txg the commit that freed the ranges
    /// @return the rest
    List<Range> keep(long txg, List<Range> ranges) {
        List<Range> rest = new ArrayList<>();
        long group = -1;
        long[] used = new long[0];
        for (Range range : ranges) {
            for (long at = range.address(); at < range.end(); ) {
                if (at >>> Blocks.GROUP_SHIFT != group) {
                    group = at >>> Blocks.GROUP_SHIFT;
                    used = bitsOf(group);
                }
                long end = Math.min(range.end(), (group + 1) << Blocks.GROUP_SHIFT);
                split(group, used, at, end, rest);
                at = end;
            }
        }
        if (!ranges.isEmpty()) {
            lastTxg = Math.max(lastTxg, txg);
        }
        return rest;
    }

    private long[] bitsOf(long group) {
        try {
            return inUse.load(group);
        } catch (IOException unreadable) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "blocks of group {0} wait for the end of a reader: {1}",
                    group,
                    unreadable.getMessage());
            long[] all = new long[GroupItem.BITMAP_WORDS];
            Arrays.fill(all, -1);
            return all;
        }
    }

    /// Divides a piece of one group.
    private void split(long group, long[] used, long from, long end, List<Range> rest) {
        for (long at = from; at < end; ) {
            boolean keep = isSet(used, at);
            long stop = at + 1;
            while (stop < end && isSet(used, stop) == keep) {
                stop++;
            }
            if (keep) {
                long[] bits = kept.computeIfAbsent(group, _ -> new long[GroupItem.BITMAP_WORDS]);
                for (long block = at; block < stop; block++) {
                    bits[(int) (block & (Blocks.PER_GROUP - 1)) >>> 6] |= 1L << block;
                }
                keptBlocks += stop - at;
            } else {
                rest.add(new Range(at, (int) (stop - at)));
            }
            at = stop;
        }
    }

    private static boolean isSet(long[] bits, long block) {
        return (bits[(int) (block & (Blocks.PER_GROUP - 1)) >>> 6] >>> block & 1) != 0;
    }

    /// Gives up all that is kept, in runs.
    ///
    /// @param heir the next older pin
    /// @return what that does not need
    List<Range> giveUp(@Nullable PinnedBlocks heir) {
        List<Range> all = new ArrayList<>();
        kept.forEach(
                (group, bits) -> {
                    long first = group << Blocks.GROUP_SHIFT;
                    for (int bit = 0; bit < Blocks.PER_GROUP; ) {
                        if (!isSet(bits, bit)) {
                            bit++;
                            continue;
                        }
                        int stop = bit + 1;
                        while (stop < Blocks.PER_GROUP && isSet(bits, stop)) {
                            stop++;
                        }
                        all.add(new Range(first + bit, stop - bit));
                        bit = stop;
                    }
                });
        kept.clear();
        keptBlocks = 0;
        return heir == null ? all : heir.keep(lastTxg, all);
    }
}
