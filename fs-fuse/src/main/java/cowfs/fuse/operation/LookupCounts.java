package cowfs.fuse.operation;

/// How often the kernel has been told of each node and has not yet forgotten it.
///
/// The kernel may ask for a node exactly while its count is above zero. A plain map of boxed
/// numbers would take 100 bytes for each file that a `find` over the mount touches. This takes 14
/// to 28 while the kernel's cache grows (open addressing with 12 bytes a slot, doubled at 7/8 full,
/// cut to a quarter below 1/8): 140 MB for five million files, for which the kernel itself spends
/// more than 5 GB.
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

        private long[] nodes = new long[MIN_CAPACITY];
        private int[] counts = new int[MIN_CAPACITY];
        private int size;

        synchronized int size() {
            return size;
        }

        synchronized int get(long node) {
            return counts[slot(node)];
        }

        synchronized void add(long node) {
            int slot = slot(node);
            if (nodes[slot] == 0) {
                if ((size + 1) * 8L > nodes.length * 7L) {
                    resize(nodes.length * 2);
                    slot = slot(node);
                }
                nodes[slot] = node;
                size++;
            }
            if (counts[slot] != STUCK) {
                counts[slot]++;
            }
        }

        synchronized boolean subtract(long node, long count) {
            int slot = slot(node);
            if (nodes[slot] == 0 || counts[slot] == STUCK) {
                return false;
            }
            if (counts[slot] > count) {
                counts[slot] -= Math.toIntExact(count);
                return false;
            }
            remove(slot);
            if (nodes.length > MIN_CAPACITY && size * 8L < nodes.length) {
                resize(nodes.length / 4 < MIN_CAPACITY ? MIN_CAPACITY : nodes.length / 4);
            }
            return true;
        }

        /// The slot of a node, or the free one where it would go.
        private int slot(long node) {
            int mask = nodes.length - 1;
            int slot = mix(node) & mask;
            while (nodes[slot] != 0 && nodes[slot] != node) {
                slot = (slot + 1) & mask;
            }
            return slot;
        }

        /// Frees a slot and moves back what a probe would no longer reach.
        private void remove(int freed) {
            int mask = nodes.length - 1;
            int hole = freed;
            for (int next = (hole + 1) & mask; nodes[next] != 0; next = (next + 1) & mask) {
                int home = mix(nodes[next]) & mask;
                if (((next - home) & mask) >= ((next - hole) & mask)) {
                    nodes[hole] = nodes[next];
                    counts[hole] = counts[next];
                    hole = next;
                }
            }
            nodes[hole] = 0;
            counts[hole] = 0;
            size--;
        }

        private void resize(int capacity) {
            long[] oldNodes = nodes;
            int[] oldCounts = counts;
            nodes = new long[capacity];
            counts = new int[capacity];
            for (int i = 0; i < oldNodes.length; i++) {
                if (oldNodes[i] != 0) {
                    int slot = slot(oldNodes[i]);
                    nodes[slot] = oldNodes[i];
                    counts[slot] = oldCounts[i];
                }
            }
        }
    }
}
