package cowfs.check;

import cowfs.format.Blocks;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A bit for each block of an image, clear at first. Memory: 8 bytes for each group of the image
/// and 128 for each group with a bit set: at most 32 MiB for 1 TiB. Not thread safe.
final class BlockBits {
    private static final int WORDS = Blocks.PER_GROUP / Long.SIZE;

    private long[] @Nullable [] groups;

    /// @param blockCount of an image, which may become larger
    BlockBits(long blockCount) {
        groups = new long[(int) ((blockCount + Blocks.PER_GROUP - 1) >>> Blocks.GROUP_SHIFT)][];
    }

    boolean get(long block) {
        int group = (int) (block >>> Blocks.GROUP_SHIFT);
        long[] words = group < groups.length ? groups[group] : null;
        int bit = (int) block & (Blocks.PER_GROUP - 1);
        return words != null && (words[bit >>> 6] >>> bit & 1) != 0;
    }

    void set(long block) {
        int group = (int) (block >>> Blocks.GROUP_SHIFT);
        if (group >= groups.length) {
            groups = Arrays.copyOf(groups, group + 1);
        }
        long[] words = groups[group];
        if (words == null) {
            words = new long[WORDS];
            groups[group] = words;
        }
        int bit = (int) block & (Blocks.PER_GROUP - 1);
        words[bit >>> 6] |= 1L << bit;
    }
}
