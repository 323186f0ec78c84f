package cowfs.inspect;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Sets of trees, by number: equal sets are one, so that a number says who reaches a node or a
/// block. There are about as many sets as there are trees, since trees share along their history.
/// Not thread safe.
final class OwnerSets {
    private final Map<BitSet, Integer> numbers = new HashMap<>();
    private final List<BitSet> sets = new ArrayList<>();
    private final Map<Long, Integer> unions = new HashMap<>();

    OwnerSets() {
        number(new BitSet());
    }

    /// The set of nobody.
    static final int NONE = 0;

    /// The set of one tree.
    int of(int tree) {
        BitSet one = new BitSet();
        one.set(tree);
        return number(one);
    }

    int union(int a, int b) {
        if (a == b || b == NONE) {
            return a;
        }
        if (a == NONE) {
            return b;
        }
        long key = (long) Math.min(a, b) << 32 | Math.max(a, b);
        Integer known = unions.get(key);
        if (known == null) {
            BitSet both = (BitSet) sets.get(a).clone();
            both.or(sets.get(b));
            known = number(both);
            unions.put(key, known);
        }
        return known;
    }

    /// The trees of a set; not to be changed.
    BitSet get(int number) {
        return sets.get(number);
    }

    int count() {
        return sets.size();
    }

    private int number(BitSet set) {
        return numbers.computeIfAbsent(
                set,
                added -> {
                    sets.add(added);
                    return sets.size() - 1;
                });
    }
}
