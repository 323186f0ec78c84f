package cowfs.check;

import cowfs.format.Blocks;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A number for each block of an image, 0 at first.
///
/// Memory follows the blocks that got a number: a group of 1024 blocks takes nothing while all are
/// 0 and, shared with all such groups, nothing when all have the same small number; otherwise one
/// byte a block (1/4096 of their size) while no number in the group exceeds 255, then four
/// (1/1024). Besides that 5 bytes for each group of the image: 1.3 MiB for 1 TiB.
///
/// Not thread safe.
public final class BlockTable {
    private static final int MASK = Blocks.PER_GROUP - 1;

    /// Full groups of equal numbers, shared and never changed.
    private static final byte[][] UNIFORM = new byte[256][Blocks.PER_GROUP];

    static {
        for (int value = 0; value < UNIFORM.length; value++) {
            Arrays.fill(UNIFORM[value], (byte) value);
        }
    }

    private final @Nullable Object[] pages;
    private final long blockCount;

    public BlockTable(long blockCount) {
        this.blockCount = blockCount;
        this.pages = new Object[(int) ((blockCount + MASK) >>> Blocks.GROUP_SHIFT)];
    }

    long blockCount() {
        return blockCount;
    }

    /// Groups that it has numbers for.
    public int groupCount() {
        return pages.length;
    }

    /// Whether no block of a group has a number.
    public boolean isZero(int group) {
        return pages[group] == null;
    }

    /// The number of a block, 0 when it has none.
    public int get(long block) {
        int at = (int) (block & MASK);
        return switch (pages[(int) (block >>> Blocks.GROUP_SHIFT)]) {
            case null -> 0;
            case byte[] small -> small[at] & 0xff;
            case int[] large -> large[at];
            default -> throw new AssertionError("no page");
        };
    }

    /// @param value 0 or more
    public void set(long block, int value) {
        int group = (int) (block >>> Blocks.GROUP_SHIFT);
        int at = (int) (block & MASK);
        Object page = pages[group];
        if (page instanceof int[] large) {
            large[at] = value;
            return;
        }
        byte[] small = (byte[]) page;
        if (small == null) {
            small = new byte[Blocks.PER_GROUP];
        } else if ((small[at] & 0xff) == value) {
            return;
        } else if (small == UNIFORM[small[0] & 0xff]) {
            small = small.clone();
        }
        if (value > 0xff) {
            int[] large = new int[Blocks.PER_GROUP];
            for (int i = 0; i < large.length; i++) {
                large[i] = small[i] & 0xff;
            }
            large[at] = value;
            pages[group] = large;
            return;
        }
        small[at] = (byte) value;
        pages[group] = small;
        if (at == MASK || small[MASK] == small[0]) {
            compact(group, small);
        }
    }

    private void compact(int group, byte[] page) {
        byte[] same = UNIFORM[page[0] & 0xff];
        if (page[page.length / 2] == page[0] && Arrays.equals(page, same)) {
            pages[group] = page[0] == 0 ? null : same;
        }
    }
}
