package cowfs.damage;

import cowfs.format.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The values that are likely to break a reader of a field: the ends of its range, the sign bit,
/// one off, what other records of its kind have, and what points out of the image.
final class EdgeValues {
    private final long deviceBlocks;

    EdgeValues(long deviceBlocks) {
        this.deviceBlocks = deviceBlocks;
    }

    /// Replacements for the bytes of a field, none of them equal to what is there.
    ///
    /// @param bytes of the page
    /// @param at position of the field
    /// @param others positions of the same field in other records of the page
    List<byte[]> of(Layout.Field field, byte[] bytes, int at, List<Integer> others) {
        int size = field.sizeBytes();
        byte[] old = Arrays.copyOfRange(bytes, at, at + size);
        List<byte[]> values = new ArrayList<>();
        if (field.type().startsWith("u")) {
            for (long value : numbers(size, number(old))) {
                values.add(Arrays.copyOf(ImageGraph.word(value), size));
            }
        } else {
            values.add(new byte[size]);
            byte[] ones = new byte[size];
            Arrays.fill(ones, (byte) -1);
            values.add(ones);
            for (int bit : new int[] {0, 7, 8 * (size / 2), 8 * size - 1}) {
                byte[] flipped = old.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                values.add(flipped);
            }
        }
        for (int other : others) {
            values.add(Arrays.copyOfRange(bytes, other, other + size));
        }
        return distinct(values, old);
    }

    private static long number(byte[] littleEndian) {
        long value = 0;
        for (int i = littleEndian.length - 1; i >= 0; i--) {
            value = value << 8 | littleEndian[i] & 0xff;
        }
        return value;
    }

    private Set<Long> numbers(int size, long old) {
        int bits = 8 * size;
        Set<Long> values = new LinkedHashSet<>();
        values.addAll(List.of(0L, 1L, 2L, -1L, -2L, old - 1, old + 1, ~old));
        values.add(1L << (bits - 1));
        values.add((1L << (bits - 1)) - 1);
        values.add(old ^ 1L << (bits - 1));
        values.add(old ^ 1L << (bits / 2));
        if (bits >= 32) {
            values.addAll(List.of(deviceBlocks, deviceBlocks - 1, 4096L, 1L << 31));
        }
        if (bits == 64) {
            values.addAll(List.of(1L << 32, 1L << 40, 1L << 52, Long.MAX_VALUE - 4095));
        }
        return values;
    }

    private static List<byte[]> distinct(List<byte[]> values, byte[] old) {
        List<byte[]> distinct = new ArrayList<>();
        for (byte[] value : values) {
            boolean known = Arrays.equals(value, old);
            for (byte[] other : distinct) {
                known |= Arrays.equals(value, other);
            }
            if (!known) {
                distinct.add(value);
            }
        }
        return distinct;
    }
}
