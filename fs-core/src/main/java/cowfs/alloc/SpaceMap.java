package cowfs.alloc;

import cowfs.error.CorruptException;
import cowfs.error.CountText;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.error.SizeText;
import cowfs.format.Blocks;
import cowfs.format.GroupItem.Use;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The allocator: which blocks may be handed out, group by group.
///
/// It starts from the summaries of the space tree, one free count a group, and loads a group's
/// bitmap when it first allocates from it, so that opening an image reads no bitmaps. A bit here is
/// *busy*: set for each block that is allocated in the committed state, or was handed out since, or
/// was freed but may still be needed (a state that recovery might choose, a reader). Freeing
/// therefore does not touch this map; {@link #release} does, once {@link DeferredFrees} has found
/// it safe.
///
/// Data and nodes come from different groups, and nodes are aligned to their size, so that freed
/// data never leaves gaps too small for a node. Data may not take the last {@link #reservedGroups}
/// unused groups: they are kept for the nodes that commits and deletions need, so that no commit
/// ever fails for space. The two copies of nodes come from opposite halves of the image while there
/// is room.
///
/// While free blocks are discarded they are *held*: still counted as free, but not handed out. Who
/// finds nothing waits until nothing is held any more, so that neither a commit nor a write fails
/// for space that is about to come back.
///
/// Search is next-fit, but for the nodes of small commits, which gather in the first groups.
/// Memory: 128 bytes for each group that was touched, and a {@link GroupCensus} (at most 33 MiB
/// together for 1 TiB). Thread safe.
public final class SpaceMap {
    /// Free space is given back to the host in units of this many blocks: 64 KiB, of which a group
    /// has 64.
    public static final int DISCARD_BLOCKS = 16;

    /// Kinds of allocation, each of which goes on where it was last: see {@link #next}.
    public static final int DATA = 0;

    public static final int PRIMARY_NODES = 1;
    public static final int SECOND_NODES = 2;

    /// The most blocks of nodes that are put where they gather: a small commit.
    private static final int MAX_GATHERED_BLOCKS = Blocks.PER_GROUP / 8;

    /// Groups searched for a long run before an unused one is begun.
    private static final int MAX_SEARCHED_GROUPS = 16;

    private long deviceBlocks;
    private int groupCount;
    private volatile int reservedGroups;
    private final BitmapSource source;
    private final GroupCensus census;
    private @Nullable GroupBits[] bits;
    private final Position data = new Position();
    private final Position[] nodes = {new Position(), new Position()};
    private long heldBlocks;

    /// Loads bitmaps.
    @FunctionalInterface
    public interface BitmapSource {
        /// The bits of a group as the space tree has them now.
        long[] load(long group) throws IOException;
    }

    private static final class Position {
        int group;
        int bit;
    }

    /// @param free free blocks of each group
    /// @param use what each group holds
    public SpaceMap(long deviceBlocks, int[] free, Use[] use, BitmapSource source) {
        this(deviceBlocks, free, use, reservedGroups(deviceBlocks), source);
    }

    /// @param reservedGroups unused groups that data may not take
    public SpaceMap(
            long deviceBlocks, int[] free, Use[] use, int reservedGroups, BitmapSource source) {
        this.deviceBlocks = deviceBlocks;
        this.groupCount = groupCount(deviceBlocks);
        this.census = new GroupCensus(deviceBlocks, free, use);
        this.source = source;
        this.bits = new GroupBits[groupCount];
        this.reservedGroups = reservedGroups;
        nodes[1].group = groupCount / 2;
        data.group = groupCount / 4;
    }

    /// The groups of an image, the last one possibly short.
    public static int groupCount(long deviceBlocks) {
        return (int) ((deviceBlocks + Blocks.PER_GROUP - 1) >>> Blocks.GROUP_SHIFT);
    }

    /// The blocks of a group that lie inside the image; 0 for one behind its end.
    public static int groupBlocks(long deviceBlocks, long group) {
        return Math.clamp(deviceBlocks - (group << Blocks.GROUP_SHIFT), 0, Blocks.PER_GROUP);
    }

    /// Unused groups that data may not take in general: 1/32 of the image, at least 2, at most 64.
    public static int reservedGroups(long deviceBlocks) {
        return Math.clamp(groupCount(deviceBlocks) / 32, 2, 64);
    }

    /// Hands out consecutive blocks for data.
    ///
    /// @return at most `want` blocks, null when data may take none
    public synchronized @Nullable Range allocateData(int want) throws IOException {
        Range found = findData(want);
        while (found == null && heldBlocks > 0) {
            awaitHeld();
            found = findData(want);
        }
        return found;
    }

    private @Nullable Range findData(int want) throws IOException {
        int least = Math.max(1, want / 4);
        Range found = allocateIn(data.group, data.bit, want, least, data);
        found =
                found != null
                        ? found
                        : search(census.dataRoomy(), MAX_SEARCHED_GROUPS, want, least);
        found = found != null ? found : search(census.unused(), groupCount, want, 1);
        return found != null ? found : search(census.dataAny(), groupCount, want, 1);
    }

    /// Tries groups of a set in turn, from the one after the position of data round to where it
    /// began.
    private @Nullable Range search(BitSet groups, int mostGroups, int want, int least)
            throws IOException {
        int group = data.group;
        int first = -1;
        Range found = null;
        for (int i = 0; found == null && i < mostGroups; i++) {
            group = nextGroup(groups, group);
            if (group < 0 || group == first) {
                return null;
            }
            first = first < 0 ? group : first;
            found = allocateIn(group, 0, want, least, data);
        }
        return found;
    }

    /// Hands out consecutive aligned places for nodes.
    ///
    /// @param copy 0 for primary copies, 1 for second ones
    /// @return at most `count` nodes' blocks, null when there is no room for one
    public synchronized @Nullable Range allocateNodes(int count, int nodeBlocks, int copy)
            throws IOException {
        Range found = findNodes(count, nodeBlocks, copy);
        while (found == null && heldBlocks > 0) {
            awaitHeld();
            found = findNodes(count, nodeBlocks, copy);
        }
        return found;
    }

    private @Nullable Range findNodes(int count, int nodeBlocks, int copy) throws IOException {
        Position position = nodes[copy];
        int want = Math.min(count * nodeBlocks, Blocks.PER_GROUP);
        Range found = gather(copy, want, nodeBlocks, position);
        if (found == null
                && inHalf(position.group, copy)
                && census.use(position.group) == Use.METADATA) {
            found = allocateAligned(position.group, position.bit, want, nodeBlocks, position);
        }
        for (BitSet groups :
                List.of(census.metadataRoomy(), census.unused(), census.metadataAny())) {
            found =
                    found == null
                            ? allocateInHalf(groups, copy, want, nodeBlocks, position)
                            : found;
        }
        // the other half is better than none
        for (BitSet groups : List.of(census.unused(), census.metadataAny())) {
            found =
                    found == null
                            ? allocateInHalf(groups, 1 - copy, want, nodeBlocks, position)
                            : found;
        }
        return found;
    }

    /// Takes places for a few nodes from the first group of a half that has them in one piece. As
    /// nodes move whenever they change, they gather in the first groups, and the others, once they
    /// are empty, can hold data again: a group that held many nodes must not stay a group of nodes
    /// for the sake of one.
    private @Nullable Range gather(int half, int want, int nodeBlocks, Position position)
            throws IOException {
        int group = census.metadataRoomy().nextSetBit(halfStart(half));
        for (int i = 0;
                want <= MAX_GATHERED_BLOCKS
                        && i < MAX_SEARCHED_GROUPS
                        && group >= 0
                        && group < halfEnd(half);
                i++) {
            int from = group == position.group ? position.bit : 0;
            long found = load(group).findClear(from, want, nodeBlocks);
            if (from > 0 && (found < 0 || GroupBits.length(found) < want)) {
                found = load(group).findClear(0, want, nodeBlocks);
            }
            if (found >= 0 && GroupBits.length(found) == want) {
                return takeAt(group, found, Use.METADATA, position);
            }
            group = census.metadataRoomy().nextSetBit(group + 1);
        }
        return null;
    }

    private @Nullable Range allocateInHalf(
            BitSet groups, int half, int want, int nodeBlocks, Position position)
            throws IOException {
        int from = inHalf(position.group, half) ? position.group : halfStart(half);
        Range found = null;
        for (int group = groups.nextSetBit(from);
                found == null && group >= 0 && group < halfEnd(half);
                group = groups.nextSetBit(group + 1)) {
            found = allocateAligned(group, 0, want, nodeBlocks, position);
        }
        for (int group = groups.nextSetBit(halfStart(half));
                found == null && group >= 0 && group < from;
                group = groups.nextSetBit(group + 1)) {
            found = allocateAligned(group, 0, want, nodeBlocks, position);
        }
        return found;
    }

    private int halfStart(int copy) {
        return copy == 0 ? 0 : groupCount / 2;
    }

    private int halfEnd(int copy) {
        return copy == 0 ? groupCount / 2 : groupCount;
    }

    private boolean inHalf(int group, int copy) {
        return group >= halfStart(copy) && group < halfEnd(copy);
    }

    /// Makes blocks that were handed out, or freed and waited for, available again.
    public synchronized void release(Range range) throws IOException {
        int group = (int) (range.address() >>> Blocks.GROUP_SHIFT);
        int bit = (int) (range.address() & (Blocks.PER_GROUP - 1));
        if (bit + range.blockCount() > Blocks.PER_GROUP) {
            int here = Blocks.PER_GROUP - bit;
            release(new Range(range.address(), here));
            release(new Range(range.address() + here, range.blockCount() - here));
            return;
        }
        GroupBits loaded = load(group);
        loaded.clear(bit, range.blockCount());
        census.give(group, range.blockCount());
    }

    /// Gives the image another size. What goes must be free in every state that anybody may still
    /// need, and enough must stay for nodes.
    ///
    /// @param newReservedGroups as for the constructor
    /// @throws RequestException `NO_SPACE` when that is not so; nothing is changed then
    public synchronized void resize(long newDeviceBlocks, int newReservedGroups)
            throws IOException {
        while (heldBlocks > 0) {
            awaitHeld(); // they are let go by their places
        }
        if (newDeviceBlocks < deviceBlocks) {
            requireRoomIn(newDeviceBlocks, newReservedGroups);
        }
        long old = deviceBlocks;
        int first = (int) (Math.min(old, newDeviceBlocks) >>> Blocks.GROUP_SHIFT);
        int end = groupCount(Math.max(old, newDeviceBlocks));
        census.resize(newDeviceBlocks);
        bits = Arrays.copyOf(bits, census.groupCount());
        for (int group = first; group < end; group++) {
            int before = groupBlocks(old, group);
            int after = groupBlocks(newDeviceBlocks, group);
            GroupBits loaded = bits[group];
            if (loaded != null && after > before) {
                loaded.clear(before, after - before);
            } else if (loaded != null) {
                loaded.set(after, before - after);
            }
            census.add(group, after - before);
        }
        deviceBlocks = newDeviceBlocks;
        groupCount = groupCount(newDeviceBlocks);
        reservedGroups = newReservedGroups;
    }

    private void requireRoomIn(long newDeviceBlocks, int newReservedGroups) throws IOException {
        long least = leastBlocks();
        if (newDeviceBlocks < least) {
            throw new RequestException(
                    ErrorKind.NO_SPACE,
                    "what lies behind "
                            + SizeText.exact(Blocks.toBytes(newDeviceBlocks))
                            + " is in use: the image can have "
                            + SizeText.exact(Blocks.toBytes(least))
                            + " or more");
        }
        long unused = census.unusedBlocks();
        for (int group = (int) (newDeviceBlocks >>> Blocks.GROUP_SHIFT);
                group < groupCount;
                group++) {
            if (census.use(group) == Use.UNUSED) {
                unused -= groupBlocks(deviceBlocks, group) - groupBlocks(newDeviceBlocks, group);
            }
        }
        if (unused < (long) newReservedGroups * Blocks.PER_GROUP) {
            throw new RequestException(
                    ErrorKind.NO_SPACE,
                    "the image would be too full for its metadata: delete something, or leave it"
                            + " larger");
        }
    }

    /// The least size, in blocks, that has all that is in use or may still be needed.
    private long leastBlocks() throws IOException {
        for (int group = groupCount - 1; group >= 0; group--) {
            int inside = groupBlocks(deviceBlocks, group);
            if (census.free(group) < inside) {
                int end = load(group).usedEnd(inside);
                if (end > 0) {
                    return ((long) group << Blocks.GROUP_SHIFT) + end;
                }
            }
        }
        return 0;
    }

    /// Loads the bitmaps of the groups of a range, so that later changes of the space tree can't be
    /// mistaken for this map's own state.
    ///
    /// @throws CorruptException when the range leaves the image: a damaged pointer named it
    public synchronized void ensureLoaded(Range range) throws IOException {
        if (range.address() <= 0 || range.address() > deviceBlocks - range.blockCount()) {
            throw new CorruptException(
                    "pointer",
                    "block=" + range.address(),
                    "its "
                            + CountText.of(range.blockCount(), "block leaves", "blocks leave")
                            + " the image");
        }
        long last = (range.end() - 1) >>> Blocks.GROUP_SHIFT;
        for (long group = range.address() >>> Blocks.GROUP_SHIFT; group <= last; group++) {
            load((int) group);
        }
    }

    /// Holds the units of a range inside one group that are wholly free, so that they can be
    /// discarded; {@link #letGo} must follow for each.
    ///
    /// @param range whole units
    public synchronized List<Range> hold(Range range) throws IOException {
        int group = (int) (range.address() >>> Blocks.GROUP_SHIFT);
        int start = (int) (range.address() & (Blocks.PER_GROUP - 1));
        int end = start + range.blockCount();
        List<Range> held = new ArrayList<>();
        for (int bit = start; bit < end; ) {
            int run = load(group).clearRun(bit, end) & -DISCARD_BLOCKS;
            if (run == 0) {
                bit += DISCARD_BLOCKS;
            } else {
                load(group).set(bit, run);
                heldBlocks += run;
                held.add(new Range(((long) group << Blocks.GROUP_SHIFT) + bit, run));
                bit += run;
            }
        }
        return held;
    }

    /// Holds all units of a group that are wholly free; {@link #letGo} must follow for each.
    ///
    /// @param group one that is not there any more has none
    public synchronized List<Range> holdFree(long group) throws IOException {
        int inside = groupBlocks(deviceBlocks, group) & -DISCARD_BLOCKS;
        return inside == 0 ? List.of() : hold(new Range(group << Blocks.GROUP_SHIFT, inside));
    }

    /// How many groups the image has.
    public synchronized int groupCount() {
        return groupCount;
    }

    /// Lets held blocks be handed out again.
    public synchronized void letGo(Range held) throws IOException {
        int group = (int) (held.address() >>> Blocks.GROUP_SHIFT);
        load(group).clear((int) (held.address() & (Blocks.PER_GROUP - 1)), held.blockCount());
        heldBlocks -= held.blockCount();
        notifyAll();
    }

    private void awaitHeld() {
        boolean interrupted = false;
        while (heldBlocks > 0) {
            try {
                wait();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Where the search for blocks of a kind goes on: from its last place to the end of the group.
    ///
    /// @param kind {@link #DATA}, {@link #PRIMARY_NODES} or {@link #SECOND_NODES}
    /// @return null before the first allocation and when the group is full or holds something else
    public synchronized @Nullable Range next(int kind) {
        Position position = kind == DATA ? data : nodes[kind - PRIMARY_NODES];
        Use wanted = kind == DATA ? Use.DATA : Use.METADATA;
        int blocks = groupBlocks(deviceBlocks, position.group);
        return census.use(position.group) == wanted && position.bit < blocks
                ? new Range(
                        ((long) position.group << Blocks.GROUP_SHIFT) + position.bit,
                        blocks - position.bit)
                : null;
    }

    /// Whether blocks of some kind were last taken from a group, so that the next ones will be.
    public synchronized boolean isFront(long group) {
        return group == data.group || group == nodes[0].group || group == nodes[1].group;
    }

    /// Whether a group is unused and one of those that only nodes may take: a commit might need it
    /// while its blocks are being discarded.
    public synchronized boolean isReserve(int group) {
        return census.use(group) == Use.UNUSED
                && census.unusedBlocks() - census.free(group) < reservedBlocks();
    }

    /// What the blocks of a group hold, by this map.
    public synchronized Use use(long group) {
        return census.use((int) group);
    }

    /// Blocks that data can still take.
    public synchronized long dataFreeBlocks() {
        return census.dataFree() + Math.max(0, census.unusedBlocks() - reservedBlocks());
    }

    /// Blocks that nodes can still take.
    public synchronized long metadataFreeBlocks() {
        return census.metadataFree() + census.unusedBlocks();
    }

    /// Blocks that only nodes may take.
    public long reservedBlocks() {
        return (long) reservedGroups * Blocks.PER_GROUP;
    }

    /// @param group -1 for none
    private @Nullable Range allocateIn(
            int group, int fromBit, int want, int least, Position position) throws IOException {
        if (group < 0 || census.use(group) == Use.METADATA || census.free(group) < least) {
            return null;
        }
        // in blocks, not groups: the last group may be short
        if (isReserve(group)) {
            return null;
        }
        long found = load(group).findClear(fromBit, want, 1);
        if (found < 0 || GroupBits.length(found) < least) {
            return null;
        }
        return takeAt(group, found, Use.DATA, position);
    }

    private @Nullable Range allocateAligned(
            int group, int fromBit, int want, int nodeBlocks, Position position)
            throws IOException {
        long found = load(group).findClear(fromBit, want, nodeBlocks);
        return found < 0 ? null : takeAt(group, found, Use.METADATA, position);
    }

    private Range takeAt(int group, long found, Use newUse, Position position) throws IOException {
        int start = GroupBits.start(found);
        int length = GroupBits.length(found);
        take(group, start, length, newUse);
        position.group = group;
        position.bit = start + length;
        return new Range(((long) group << Blocks.GROUP_SHIFT) + start, length);
    }

    private void take(int group, int bit, int count, Use newUse) throws IOException {
        load(group).set(bit, count);
        census.take(group, count, newUse);
    }

    private GroupBits load(int group) throws IOException {
        GroupBits loaded = bits[group];
        if (loaded == null) {
            long[] words = source.load(group);
            int inside = groupBlocks(deviceBlocks, group);
            if (inside < Blocks.PER_GROUP) {
                for (int bit = inside; bit < Blocks.PER_GROUP; bit++) {
                    words[bit >>> 6] |= 1L << bit;
                }
            }
            loaded = new GroupBits(words);
            int clear = loaded.clearCount();
            if (clear != census.free(group)) {
                throw new CorruptException(
                        "group_summary",
                        "group=" + group,
                        "free count has " + census.free(group) + " want " + clear);
            }
            bits[group] = loaded;
        }
        return loaded;
    }

    /// The next group of a set after `from`, round the end; -1 when the set is empty.
    private static int nextGroup(BitSet groups, int from) {
        int next = groups.nextSetBit(from + 1);
        return next >= 0 ? next : groups.nextSetBit(0);
    }

    /// The free counts of a freshly made image: all blocks free.
    public static int[] allFree(long deviceBlocks) {
        int[] free = new int[groupCount(deviceBlocks)];
        Arrays.setAll(free, group -> groupBlocks(deviceBlocks, group));
        return free;
    }
}
