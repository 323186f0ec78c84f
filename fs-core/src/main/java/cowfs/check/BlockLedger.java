package cowfs.check;

import cowfs.format.Blocks;
import cowfs.format.GroupItem.Use;
import java.util.HashMap;
import java.util.Map;

/// What each block of an image was found to be used for, and how many pointers or items name it.
///
/// A block is *claimed* for a purpose once; further references to it are added. Memory: a {@link
/// BlockTable}, and 4 KiB for each group that holds shared data, for the checksums that its blocks
/// must have in every item (1/1024 of their size). Not thread safe.
final class BlockLedger {
    /// The purposes of a block.
    enum Role {
        NONE(0, "nothing", Use.UNUSED),
        SUPERBLOCK(1, "a superblock", Use.METADATA),
        NODE_START(2, "a node", Use.METADATA),
        NODE_REST(3, "a node", Use.METADATA),
        COPY(4, "the second copy of a node", Use.METADATA),
        DATA(5, "file data", Use.DATA),
        UNWRITTEN(6, "unwritten file data", Use.DATA),
        PENDING(7, "pending to be freed", Use.METADATA);

        private final int number;
        private final String words;
        private final Use use;

        Role(int number, String words, Use use) {
            this.number = number;
            this.words = words;
            this.use = use;
        }

        String words() {
            return words;
        }

        /// What a group must be used for to hold such blocks.
        Use use() {
            return use;
        }
    }

    private static final int ROLE_BITS = 3;
    private static final int ROLE_MASK = (1 << ROLE_BITS) - 1;
    private static final int MAX_COUNT = Integer.MAX_VALUE >>> ROLE_BITS;
    private static final Role[] ROLES = Role.values();

    private final BlockTable table;
    private final long[] totals = new long[ROLES.length];
    private final Map<Long, int[]> crcs = new HashMap<>();

    BlockLedger(long blockCount) {
        this.table = new BlockTable(blockCount);
    }

    long blockCount() {
        return table.blockCount();
    }

    int groupCount() {
        return table.groupCount();
    }

    /// Whether nothing was claimed in a group.
    boolean isUntouched(int group) {
        return table.isZero(group);
    }

    /// Whether a range lies inside the image, behind block 0.
    boolean isInside(long address, long count) {
        return address > 0 && count > 0 && count <= blockCount() && address <= blockCount() - count;
    }

    Role role(long block) {
        return ROLES[table.get(block) & ROLE_MASK];
    }

    /// The references found to a block.
    int count(long block) {
        return table.get(block) >>> ROLE_BITS;
    }

    /// Blocks that were claimed for a purpose.
    long total(Role role) {
        return totals[role.number];
    }

    /// Claims a range, with one reference, unless one of its blocks was claimed before.
    ///
    /// @return the first block that was claimed before, or -1 when the range is claimed now
    long claim(long address, int count, Role first, Role rest) {
        for (long at = address; at < address + count; at++) {
            if (table.get(at) != 0) {
                return at;
            }
        }
        for (long at = address; at < address + count; at++) {
            claim(at, at == address ? first : rest);
        }
        return -1;
    }

    /// Claims one unclaimed block, with one reference.
    void claim(long block, Role role) {
        table.set(block, role.number | (1 << ROLE_BITS));
        totals[role.number]++;
    }

    /// Turns a block of unwritten data into one whose content counts.
    void becomeWritten(long block) {
        totals[Role.UNWRITTEN.number]--;
        totals[Role.DATA.number]++;
        table.set(block, Role.DATA.number | (table.get(block) & ~ROLE_MASK));
    }

    /// Adds a reference to each block of a claimed range.
    void addReferences(long address, int count) {
        for (long at = address; at < address + count; at++) {
            int value = table.get(at);
            if (value >>> ROLE_BITS < MAX_COUNT) {
                table.set(at, value + (1 << ROLE_BITS));
            }
        }
    }

    /// Remembers the checksum that every item must give a shared block.
    void putCrc(long block, int crc) {
        int[] page =
                crcs.computeIfAbsent(
                        block >>> Blocks.GROUP_SHIFT, group -> new int[Blocks.PER_GROUP]);
        page[(int) block & (Blocks.PER_GROUP - 1)] = crc;
    }

    /// The checksum of a shared block that was remembered.
    int crc(long block) {
        int[] page = crcs.get(block >>> Blocks.GROUP_SHIFT);
        return page == null ? 0 : page[(int) block & (Blocks.PER_GROUP - 1)];
    }
}
