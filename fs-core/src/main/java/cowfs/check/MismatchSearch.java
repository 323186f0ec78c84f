package cowfs.check;

import cowfs.check.ItemFacts.Fact;
import cowfs.error.CountText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Finds out which items of a file tree break a rule whose sum is not zero.
///
/// It takes two passes over the tree: the first one adds the facts up in buckets, the second looks
/// closely at those in the buckets that do not come out even. Memory: 512 KiB for each broken rule,
/// and at most {@link #MAX_SUBJECTS} facts. Not thread safe.
final class MismatchSearch {
    private static final int BUCKET_BITS = 16;

    /// Buckets of one rule that are looked into; what lies in others is only counted.
    private static final int MAX_BUCKETS = 64;

    private static final int MAX_SUBJECTS = 200_000;

    private final ItemFindings items;
    private final long[][] sums = new long[Balance.COUNT][];
    private final boolean[][] wanted = new boolean[Balance.COUNT][];
    private final Map<Long, Subject> subjects = new HashMap<>();

    /// Reads the items of the tree.
    @FunctionalInterface
    interface Pass {
        void run(ItemScan.ItemVisitor visitor);
    }

    MismatchSearch(ItemFindings items) {
        this.items = items;
    }

    /// Reports what breaks the rules.
    ///
    /// @param totals the sum of each rule, see {@link FileSummary#sums}
    void run(long[] totals, Pass pass) {
        for (Balance rule : Balance.values()) {
            if (totals[rule.index()] != 0) {
                sums[rule.index()] = new long[1 << BUCKET_BITS];
            }
        }
        pass.run(
                (key, page, position, length) ->
                        ItemFacts.of(key, page, position, length, this::add));
        for (Balance rule : Balance.values()) {
            choose(rule);
        }
        pass.run(
                (key, page, position, length) ->
                        ItemFacts.of(key, page, position, length, this::look));
        List<Subject> broken = new ArrayList<>(subjects.values());
        broken.removeIf(subject -> subject.sum == 0);
        broken.forEach(subject -> subject.report(items));
    }

    private void add(Fact fact) {
        long[] buckets = sums[fact.rule().index()];
        if (buckets != null) {
            buckets[bucket(fact)] += fact.amount() * fact.weight();
        }
    }

    private static int bucket(Fact fact) {
        return (int) (fact.subject() >>> (64 - BUCKET_BITS));
    }

    private void choose(Balance rule) {
        long[] buckets = sums[rule.index()];
        if (buckets == null) {
            return;
        }
        boolean[] chosen = new boolean[buckets.length];
        int uneven = 0;
        for (int i = 0; i < buckets.length; i++) {
            if (buckets[i] != 0 && uneven++ < MAX_BUCKETS) {
                chosen[i] = true;
            }
        }
        wanted[rule.index()] = chosen;
        for (int i = MAX_BUCKETS; i < uneven; i++) {
            items.tree(
                    Subject.codeOf(rule),
                    "there is more such damage in this tree: repair what is listed and check again");
        }
    }

    private void look(Fact fact) {
        boolean[] chosen = wanted[fact.rule().index()];
        if (chosen == null || !chosen[bucket(fact)]) {
            return;
        }
        Subject subject = subjects.get(fact.subject());
        if (subject == null && subjects.size() < MAX_SUBJECTS) {
            subject = new Subject(fact);
            subjects.put(fact.subject(), subject);
        }
        if (subject != null) {
            subject.add(fact);
        }
    }

    /// A name, an inode or an attribute, with all that was said about it under one rule.
    private static final class Subject {
        private final Fact first;
        private final int[] types = new int[16];
        private long sum;
        private long stated;
        private long found;
        private boolean exists;
        private int type;

        Subject(Fact first) {
            this.first = first;
        }

        void add(Fact fact) {
            sum += fact.amount() * fact.weight();
            if (fact.statement()) {
                exists = true;
                stated -= fact.amount();
                type = (int) fact.b() >>> 12;
            } else {
                found += fact.amount();
                types[((int) fact.b() >>> 12) & 15] += (int) fact.amount();
            }
        }

        static DamageCode codeOf(Balance rule) {
            return switch (rule) {
                case NAMES -> DamageCode.MISSING_INODE_REF;
                case LINKS, SUBDIRECTORIES -> DamageCode.WRONG_LINK_COUNT;
                case ENTRIES -> DamageCode.WRONG_DIRECTORY_SIZE;
                case ORPHANS -> DamageCode.MISSING_ORPHAN;
                case SECTORS -> DamageCode.WRONG_SECTORS;
                case XATTRS -> DamageCode.BAD_XATTR;
            };
        }

        void report(ItemFindings items) {
            DamageCode code = codeOf(first.rule());
            switch (first.rule()) {
                case NAMES -> reportName(items);
                case LINKS -> reportLinks(items);
                case ORPHANS -> reportOrphan(items);
                case SUBDIRECTORIES -> {
                    if (exists) {
                        items.inode(
                                code,
                                "inode item",
                                first.a(),
                                "link count has " + (2 + stated) + " want " + (2 + found));
                    }
                }
                case ENTRIES -> {
                    if (exists) {
                        items.inode(
                                code,
                                "inode item",
                                first.a(),
                                "size has " + CountText.of(stated, "entry") + " want " + found);
                    }
                }
                case SECTORS -> {
                    if (exists) {
                        items.inode(
                                code,
                                "inode item",
                                first.a(),
                                "sectors has " + stated + " want " + found);
                    }
                }
                case XATTRS ->
                        items.inode(
                                code,
                                "xattr item",
                                first.a(),
                                "the pieces of the attribute at offset "
                                        + first.b()
                                        + " have "
                                        + CountText.of(found, "byte")
                                        + ", its head says "
                                        + stated);
            }
        }

        private void reportName(ItemFindings items) {
            if (found > stated) {
                items.inode(
                        DamageCode.MISSING_INODE_REF,
                        "dirent item",
                        first.a(),
                        "an entry leads to inode " + first.c() + ", which has no ref for it");
            } else {
                items.inode(
                        DamageCode.STRAY_INODE_REF,
                        "inode ref item",
                        first.c(),
                        "it names an entry that is not in directory " + first.a());
            }
        }

        private void reportLinks(ItemFindings items) {
            if (!exists) {
                items.inode(
                        DamageCode.DANGLING_DIRENT,
                        "dirent item",
                        first.a(),
                        CountText.of(found, "entry leads", "entries lead")
                                + " to an inode that does not exist");
            } else if (types[type & 15] != found) {
                items.inode(
                        DamageCode.WRONG_DIRENT_TYPE,
                        "dirent item",
                        first.a(),
                        "an entry gives the inode another type than "
                                + Integer.toOctalString(type));
            }
            if (exists && found != stated) {
                items.inode(
                        DamageCode.WRONG_LINK_COUNT,
                        "inode item",
                        first.a(),
                        "it stands for " + CountText.of(stated, "name") + " and has " + found);
            }
        }

        private void reportOrphan(ItemFindings items) {
            if (stated > found) {
                items.inode(
                        DamageCode.MISSING_ORPHAN,
                        "inode item",
                        first.a(),
                        "it has no links and no orphan item");
            } else {
                items.inode(
                        DamageCode.STRAY_ORPHAN,
                        "orphan item",
                        first.a(),
                        "there is no inode without links of that number");
            }
        }
    }
}
