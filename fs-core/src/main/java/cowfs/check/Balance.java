package cowfs.check;

import java.util.random.RandomGenerator;

/// The rules of a file tree that tie items together which may lie far apart, each as a sum that is
/// zero in a sound tree.
///
/// ```
///     dirent   (dir 5, "a", inode 9)   ---->  + h(5, "a", 9)  \
///                                                              > NAMES: 0
///     inode ref (inode 9, dir 5, "a")  ---->  - h(5, "a", 9)  /
/// ```
///
/// One side of a rule adds the hash of what it says, the other side takes it away; a number that an
/// inode states weighs the hash of that inode. Sums of parts add up to the sum of the whole. So the
/// rules are checked in one pass without any map of inodes or names, and the sums of a subtree that
/// several snapshots share are made once. Only when a sum is not zero are the items compared one by
/// one, see {@link MismatchSearch}.
///
/// Hashes have 64 bits under a random seed of each run and are odd: a single wrong number always
/// shows, and several cancel out with a probability of 2^-64.
enum Balance {
    /// Each dirent has its inode ref, and the other way round.
    NAMES(0),
    /// Each inode has as many dirents of its own type as its link count says; a directory one.
    LINKS(1),
    /// Each directory's link count is 2 and its subdirectories.
    SUBDIRECTORIES(2),
    /// Each directory's size is the number of its entries.
    ENTRIES(3),
    /// Each inode without links has its orphan item, and the other way round.
    ORPHANS(4),
    /// Each inode's sectors are those of its content.
    SECTORS(5),
    /// The pieces of each extended attribute have the length that its head states.
    XATTRS(6);

    static final int COUNT = values().length;

    private final int index;
    private final long seed = Seed.RANDOM.nextLong();

    Balance(int index) {
        this.index = index;
    }

    /// Its place in an array of all rules.
    int index() {
        return index;
    }

    /// The odd hash of up to three numbers under this rule.
    long hash(long a, long b, long c) {
        return mix(mix(mix(seed ^ a) + b) + c) | 1;
    }

    /// A 64-bit hash of a name.
    static long hash(byte[] name) {
        long hash = Seed.NAME;
        for (int at = 0; at < name.length; at += 8) {
            long word = 0;
            for (int i = at; i < Math.min(name.length, at + 8); i++) {
                word = word << 8 | (name[i] & 0xff);
            }
            hash = mix(hash ^ word);
        }
        return mix(hash + name.length);
    }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
    /// generators", OOPSLA 2014).
    private static long mix(long z) {
        long x = z + 0x9e3779b97f4a7c15L;
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }

    private static final class Seed {
        static final RandomGenerator RANDOM = new java.security.SecureRandom();
        static final long NAME = RANDOM.nextLong();
    }
}
