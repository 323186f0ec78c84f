package cowfs.check;

import cowfs.alloc.SpaceMap;
import cowfs.check.BlockLedger.Role;
import cowfs.format.Blocks;
import cowfs.format.GroupItem.Use;
import cowfs.txn.Rebuild;
import java.io.IOException;
import java.util.Arrays;

/// The space of an image by what a {@link BlockLedger} has counted, not by the image's own space
/// tree: what is free, and what {@link Rebuild} makes new pool trees from.
final class CountedSpace implements Rebuild.References, Rebuild.Usage {
    private final BlockLedger ledger;

    CountedSpace(BlockLedger ledger) {
        this.ledger = ledger;
    }

    /// A map of what nothing lies on. A group that holds both data and nodes, which no sound image
    /// has, counts as full.
    SpaceMap freeSpace() {
        int[] free = SpaceMap.allFree(ledger.blockCount());
        Use[] use = new Use[free.length];
        boolean[] mixed = new boolean[free.length];
        for (int group = 0; group < free.length; group++) {
            use[group] = Use.UNUSED;
            long first = (long) group << Blocks.GROUP_SHIFT;
            int blocks = free[group];
            for (long block = first;
                    block < first + blocks && !ledger.isUntouched(group);
                    block++) {
                Use here = ledger.role(block).use();
                if (here != Use.UNUSED) {
                    free[group]--;
                    mixed[group] |= use[group] != Use.UNUSED && use[group] != here;
                    use[group] = here;
                }
            }
            free[group] = mixed[group] ? 0 : free[group];
        }
        return new SpaceMap(
                ledger.blockCount(),
                free,
                use,
                group -> mixed[(int) group] ? full() : bits((int) group));
    }

    private static long[] full() {
        long[] words = new long[Blocks.PER_GROUP / Long.SIZE];
        Arrays.fill(words, -1);
        return words;
    }

    @Override
    public void forEach(Rebuild.ReferenceVisitor visitor) throws IOException {
        long start = 0;
        int count = 0;
        for (long block = 0; block <= ledger.blockCount(); block++) {
            boolean end = block == ledger.blockCount();
            if (!end
                    && count < 2
                    && (block & (Blocks.PER_GROUP - 1)) == 0
                    && ledger.isUntouched((int) (block >>> Blocks.GROUP_SHIFT))) {
                block += Blocks.PER_GROUP - 1;
                continue;
            }
            int here = end ? 0 : ledger.count(block);
            if (here != count) {
                if (count >= 2) {
                    visitor.range(start, block - start, count);
                }
                start = block;
                count = here;
            }
        }
    }

    @Override
    public long[] bits(int group) {
        long[] words = new long[Blocks.PER_GROUP / Long.SIZE];
        long first = (long) group << Blocks.GROUP_SHIFT;
        long end = Math.min(first + Blocks.PER_GROUP, ledger.blockCount());
        for (long block = first; block < end && !ledger.isUntouched(group); block++) {
            if (ledger.role(block) != Role.NONE) {
                int bit = (int) (block - first);
                words[bit >>> 6] |= 1L << bit;
            }
        }
        return words;
    }

    @Override
    public Use use(int group) {
        long first = (long) group << Blocks.GROUP_SHIFT;
        long end = Math.min(first + Blocks.PER_GROUP, ledger.blockCount());
        for (long block = first; block < end; block++) {
            if (ledger.role(block) != Role.NONE) {
                return ledger.role(block).use();
            }
        }
        return Use.UNUSED;
    }

    @Override
    public long dataBlocks() {
        return ledger.total(Role.DATA);
    }

    @Override
    public long metadataBlocks() {
        return ledger.total(Role.SUPERBLOCK)
                + ledger.total(Role.NODE_START)
                + ledger.total(Role.NODE_REST)
                + ledger.total(Role.COPY);
    }
}
