package cowfs.fuse.operation;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/// How often the kernel has been told of each node and has not yet forgotten it.
///
/// The kernel may ask for a node exactly while its count is above zero. A plain map of boxed
/// numbers would take 100 bytes for each file that a `find` over the mount touches. This takes 14
/// to 28 while the kernel's cache grows (open addressing with 12 bytes a slot, doubled at 7/8 full,
/// cut to a quarter below 1/8): 140 MB for five million files, for which the kernel itself spends
/// more than 5 GB. It lies outside of the heap, whose bound does not know how much the kernel has
/// room for.
///
/// Thread safe; striped, so that two lookups seldom meet.
final class LookupCounts {
    private static final int STRIPE_COUNT = 32;

    private final Stripe[] stripes = new Stripe[STRIPE_COUNT];

    LookupCounts() {
        for (int i = 0; i < STRIPE_COUNT; i++) {
            stripes[i] = new Stripe();
        }
    }

    /// Counts one more lookup of `node`.
    void add(long node) {
        stripe(node).add(node);
    }

    /// Takes back `count` lookups.
    ///
    /// @return whether the kernel has now forgotten the node
    boolean subtract(long node, long count) {
        return stripe(node).subtract(node, count);
    }

    boolean contains(long node) {
        return stripe(node).get(node) != 0;
    }

    /// The number of nodes that the kernel knows.
    int size() {
        int size = 0;
        for (Stripe stripe : stripes) {
            size += stripe.size();
        }
        return size;
    }

    /// Shows the nodes that the kernel knows, each as it is told; nothing is locked meanwhile, so
    /// that what becomes known or forgotten on the way may be among them or not.
    void forEach(LongConsumer visitor) {
        for (Stripe stripe : stripes) {
            for (long node : stripe.nodes()) {
                visitor.accept(node);
            }
        }
    }

    private Stripe stripe(long node) {
        return stripes[mix(node) >>> (32 - 5)];
    }

    private static int mix(long node) {
        return (int) ((node * 0x9E3779B97F4A7C15L) >>> 32);
    }

    /// One hash table with linear probing; key 0 marks a free slot.
    private static final class Stripe {
        private static final int MIN_CAPACITY = 16;

        /// A count that has come this far stays: the node counts as known until the end of the
        /// mount.
        private static final int STUCK = Integer.MAX_VALUE;

        private int capacity = MIN_CAPACITY;
        private MemorySegment nodes = allocate(MIN_CAPACITY, Long.BYTES);
        private MemorySegment counts = allocate(MIN_CAPACITY, Integer.BYTES);
        private int size;

        /// Zeroed; freed when nothing refers to it any more.
        private static MemorySegment allocate(int slots, int slotBytes) {
            return Arena.ofAuto().allocate((long) slots * slotBytes, slotBytes);
        }

        private long node(int slot) {
            return nodes.getAtIndex(JAVA_LONG, slot);
        }

        private int count(int slot) {
            return counts.getAtIndex(JAVA_INT, slot);
        }

        private void set(int slot, long node, int count) {
            nodes.setAtIndex(JAVA_LONG, slot, node);
            counts.setAtIndex(JAVA_INT, slot, count);
        }

        synchronized int size() {
            return size;
        }

        synchronized long[] nodes() {
            return LongStream.range(0, capacity)
                    .map(slot -> node((int) slot))
                    .filter(node -> node != 0)
                    .toArray();
        }

        synchronized int get(long node) {
            return count(slot(node));
        }

        synchronized void add(long node) {
            int slot = slot(node);
            if (node(slot) == 0) {
                if ((size + 1) * 8L > capacity * 7L) {
                    resize(capacity * 2);
                    slot = slot(node);
                }
                size++;
            }
            int count = count(slot);
            set(slot, node, count == STUCK ? STUCK : count + 1);
        }

        synchronized boolean subtract(long node, long taken) {
            int slot = slot(node);
            int count = count(slot);
            if (node(slot) == 0 || count == STUCK) {
                return false;
            }
            if (count > taken) {
                set(slot, node, count - Math.toIntExact(taken));
                return false;
            }
            remove(slot);
            if (capacity > MIN_CAPACITY && size * 8L < capacity) {
                resize(Math.max(capacity / 4, MIN_CAPACITY));
            }
            return true;
        }

        /// The slot of a node, or the free one where it would go.
        private int slot(long node) {
            int mask = capacity - 1;
            int slot = mix(node) & mask;
            while (node(slot) != 0 && node(slot) != node) {
                slot = (slot + 1) & mask;
            }
            return slot;
        }

        /// Frees a slot and moves back what a probe would no longer reach.
        private void remove(int freed) {
            int mask = capacity - 1;
            int hole = freed;
            for (int next = (hole + 1) & mask; node(next) != 0; next = (next + 1) & mask) {
                int home = mix(node(next)) & mask;
                if (((next - home) & mask) >= ((next - hole) & mask)) {
                    set(hole, node(next), count(next));
                    hole = next;
                }
            }
            set(hole, 0, 0);
            size--;
        }

        private void resize(int newCapacity) {
            MemorySegment oldNodes = nodes;
            MemorySegment oldCounts = counts;
            int oldCapacity = capacity;
            nodes = allocate(newCapacity, Long.BYTES);
            counts = allocate(newCapacity, Integer.BYTES);
            capacity = newCapacity;
            for (int i = 0; i < oldCapacity; i++) {
                long node = oldNodes.getAtIndex(JAVA_LONG, i);
                if (node != 0) {
                    set(slot(node), node, oldCounts.getAtIndex(JAVA_INT, i));
                }
            }
        }
    }
}
