package cowfs.alloc;

import cowfs.format.Blocks;
import cowfs.format.GroupItem.Use;
import java.util.Arrays;
import java.util.BitSet;

/// How many blocks of each group are free and what the group holds, with the totals and sets that
/// follow from that.
///
/// A group's numbers change through {@link #take} and {@link #give} alone, so the totals always
/// agree with them. A group that is wholly free is unused, whatever it held. Memory: 5 bytes a
/// group. Not thread safe.
final class GroupCensus {
    /// Free blocks that make a group worth a look before an unused one is begun.
    private static final int ROOMY_DATA_BLOCKS = 64;

    private static final int ROOMY_METADATA_BLOCKS = Blocks.PER_GROUP / 4;

    private long deviceBlocks;
    private int[] free;
    private Use[] use;
    private final BitSet unused = new BitSet();
    private final BitSet dataAny = new BitSet();
    private final BitSet dataRoomy = new BitSet();
    private final BitSet metadataAny = new BitSet();
    private final BitSet metadataRoomy = new BitSet();
    private long unusedBlocks;
    private long dataFree;
    private long metadataFree;

    GroupCensus(long deviceBlocks, int[] free, Use[] use) {
        this.deviceBlocks = deviceBlocks;
        this.free = free.clone();
        this.use = use.clone();
        for (int group = 0; group < free.length; group++) {
            account(group, 1);
        }
    }

    int groupCount() {
        return free.length;
    }

    /// Free blocks of a group.
    int free(int group) {
        return free[group];
    }

    Use use(int group) {
        return use[group];
    }

    /// Counts blocks of a group as taken, for one use.
    void take(int group, int count, Use newUse) {
        account(group, -1);
        free[group] -= count;
        use[group] = newUse;
        account(group, 1);
    }

    /// Counts blocks of a group as free again.
    void give(int group, int count) {
        account(group, -1);
        free[group] += count;
        if (free[group] == SpaceMap.groupBlocks(deviceBlocks, group)) {
            use[group] = Use.UNUSED;
        }
        account(group, 1);
    }

    /// Takes note of another size of the image; the blocks of the groups at its end follow by
    /// {@link #add}. Groups that there were stay known, with no blocks in them.
    void resize(long newDeviceBlocks) {
        int known = free.length;
        int count = Math.max(known, SpaceMap.groupCount(newDeviceBlocks));
        free = Arrays.copyOf(free, count);
        use = Arrays.copyOf(use, count);
        Arrays.fill(use, known, count, Use.UNUSED);
        deviceBlocks = newDeviceBlocks;
    }

    /// Adds free blocks to a group whose end has moved, or takes them away.
    void add(int group, int count) {
        account(group, -1);
        free[group] += count;
        account(group, 1);
    }

    /// Takes a group out of the totals before it changes (sign -1) and puts it back after (sign 1).
    private void account(int group, int sign) {
        boolean in = sign > 0;
        switch (use[group]) {
            case UNUSED -> {
                unusedBlocks += (long) sign * free[group];
                unused.set(group, in && free[group] > 0);
            }
            case DATA -> {
                dataFree += (long) sign * free[group];
                dataAny.set(group, in && free[group] > 0);
                dataRoomy.set(group, in && free[group] >= ROOMY_DATA_BLOCKS);
            }
            case METADATA -> {
                metadataFree += (long) sign * free[group];
                metadataAny.set(group, in && free[group] > 0);
                metadataRoomy.set(group, in && free[group] >= ROOMY_METADATA_BLOCKS);
            }
        }
    }

    /// The groups that hold nothing.
    BitSet unused() {
        return unused;
    }

    /// The groups of data with a free block.
    BitSet dataAny() {
        return dataAny;
    }

    /// The groups of data with many free blocks.
    BitSet dataRoomy() {
        return dataRoomy;
    }

    /// The groups of nodes with a free block.
    BitSet metadataAny() {
        return metadataAny;
    }

    /// The groups of nodes with many free blocks.
    BitSet metadataRoomy() {
        return metadataRoomy;
    }

    /// Blocks of unused groups.
    long unusedBlocks() {
        return unusedBlocks;
    }

    /// Free blocks in groups of data.
    long dataFree() {
        return dataFree;
    }

    /// Free blocks in groups of nodes.
    long metadataFree() {
        return metadataFree;
    }
}
