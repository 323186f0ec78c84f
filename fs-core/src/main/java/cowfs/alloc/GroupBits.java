package cowfs.alloc;

import cowfs.format.Blocks;
import cowfs.format.GroupItem;

/// The bits of one group's blocks in memory, set while a block may not be handed out. Not thread
/// safe.
final class GroupBits {
    private final long[] words;

    GroupBits(long[] words) {
        this.words = words;
    }

    /// The first run of `want` clear bits at or after `from` whose start is a multiple of
    /// `alignment`; failing that the longest one. Packed as `start << 32 | length`; -1 when every
    /// bit is set.
    ///
    /// @param alignment a power of two; the length is a multiple of it too
    long findClear(int from, int want, int alignment) {
        int bestStart = -1;
        int bestLength = 0;
        int at = nextClear(from);
        while (at < Blocks.PER_GROUP) {
            int end = nextSet(at);
            int start = (at + alignment - 1) & -alignment;
            int length = (end - start) & -alignment;
            if (end > start && length >= want) {
                return pack(start, want);
            }
            if (end > start && length > bestLength) {
                bestStart = start;
                bestLength = length;
            }
            at = nextClear(end);
        }
        return bestLength == 0 ? -1 : pack(bestStart, bestLength);
    }

    static int start(long packed) {
        return (int) (packed >>> 32);
    }

    static int length(long packed) {
        return (int) packed;
    }

    private static long pack(int start, int length) {
        return ((long) start << 32) | length;
    }

    /// Sets bits that must all be clear.
    void set(int from, int count) {
        change(from, count, true);
    }

    /// Clears bits that must all be set.
    void clear(int from, int count) {
        change(from, count, false);
    }

    private void change(int from, int count, boolean value) {
        for (int at = from; at < from + count; ) {
            int word = at >>> 6;
            int low = at & 63;
            int bits = Math.min(64 - low, from + count - at);
            long mask = (bits == 64 ? -1L : (1L << bits) - 1) << low;
            if ((words[word] & mask) != (value ? 0 : mask)) {
                throw new IllegalStateException(
                        "block "
                                + at
                                + " of its group is "
                                + (value ? "already in use" : "already free"));
            }
            words[word] ^= mask;
            at += bits;
        }
    }

    /// How many bits from `from` on are clear before the first set one or `end`.
    int clearRun(int from, int end) {
        return nextClear(from) == from ? Math.min(end, nextSet(from)) - from : 0;
    }

    /// The place behind the last set bit before `end`; 0 when there is none.
    int usedEnd(int end) {
        int used = end;
        while (used > 0 && clearRun(used - 1, used) == 1) {
            used--;
        }
        return used;
    }

    /// How many bits are clear.
    int clearCount() {
        int set = 0;
        for (long word : words) {
            set += Long.bitCount(word);
        }
        return Blocks.PER_GROUP - set;
    }

    private int nextClear(int from) {
        return next(from, -1L);
    }

    private int nextSet(int from) {
        return next(from, 0L);
    }

    private int next(int from, long flip) {
        if (from >= Blocks.PER_GROUP) {
            return Blocks.PER_GROUP;
        }
        int word = from >>> 6;
        long bits = (words[word] ^ flip) & (-1L << from);
        while (bits == 0) {
            if (++word == GroupItem.BITMAP_WORDS) {
                return Blocks.PER_GROUP;
            }
            bits = words[word] ^ flip;
        }
        return (word << 6) + Long.numberOfTrailingZeros(bits);
    }
}
