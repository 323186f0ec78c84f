package cowfs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.check.SampleImages;
import cowfs.device.MemoryDevice;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.format.SubvolumeItem;
import cowfs.subvol.Subvolume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TreeDiffTest {
    /// A key that sorts as the tree does.
    private record Key(long inode, int kind, long offset) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int order = Long.compareUnsigned(inode, other.inode);
            order = order != 0 ? order : Integer.compare(kind, other.kind);
            return order != 0 ? order : Long.compareUnsigned(offset, other.offset);
        }
    }

    /// All items, by a walk that knows nothing of sharing.
    private static Map<Key, String> items(Trees trees, @Nullable Subvolume subvolume)
            throws IOException {
        Map<Key, String> items = new TreeMap<>();
        if (subvolume == null) {
            return items;
        }
        BTree tree = trees.state().tree(subvolume);
        Cursor cursor = tree.cursor();
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            items.put(
                    new Key(cursor.inode(), cursor.kind(), cursor.offset()),
                    HexFormat.of().formatHex(cursor.value()));
        }
        return items;
    }

    /// What two sets of items differ in, a line each.
    private static List<String> expected(Map<Key, String> before, Map<Key, String> after) {
        TreeMap<Key, String> lines = new TreeMap<>();
        before.forEach(
                (key, value) -> {
                    if (!value.equals(after.get(key))) {
                        lines.put(key, key + " " + value + " " + after.get(key));
                    }
                });
        after.forEach(
                (key, value) -> {
                    if (!before.containsKey(key)) {
                        lines.put(key, key + " null " + value);
                    }
                });
        return List.copyOf(lines.values());
    }

    private static List<String> actual(Trees trees, TreeRoot before, TreeRoot after)
            throws IOException {
        List<String> lines = new ArrayList<>();
        TreeDiff diff = TreeDiff.between(trees, before, after);
        while (diff.next()) {
            Key key = new Key(diff.inode(), diff.kind(), diff.offset());
            lines.add(key + " " + hex(diff.before()) + " " + hex(diff.after()));
        }
        assertFalse(diff.next(), "nothing comes behind the end");
        return lines;
    }

    private static String hex(@Nullable ItemValue value) {
        return value == null ? "null" : HexFormat.of().formatHex(value.toBytes());
    }

    private static void history(Pool pool, long seed) throws IOException {
        Random random = new Random(seed);
        Volume main = pool.volume(Ref.MAIN);
        SampleImages.fill(main, random.nextInt(1000), random.nextInt(150));
        for (int i = 0; i < 4; i++) {
            SampleImages.disturb(main, 1000 + i, random.nextInt(60));
            pool.snapshot(Ref.parse("main@s" + i));
        }
        pool.cloneSubvolume(Ref.parse("main@s1"), "clone");
        SampleImages.disturb(pool.volume(Ref.parse("clone")), 50, 30);
        pool.createSubvolume("empty");
        pool.createSubvolume("unrelated");
        SampleImages.fill(pool.volume(Ref.parse("unrelated")), 7, 40);
        SampleImages.disturb(main, 2000, random.nextInt(20));
    }

    @ParameterizedTest
    @CsvSource({"4096,1", "4096,2", "4096,3", "4096,4", "8192,5", "16384,6"})
    void anyTwoTreesDifferInTheItemsThatAFullWalkFinds(int nodeBytes, long seed)
            throws IOException {
        MemoryDevice image = SampleImages.image(nodeBytes, 1, seed, pool -> history(pool, seed));
        try (Trees trees = Trees.of(image)) {
            List<@Nullable Subvolume> sides = new ArrayList<>(trees.all());
            sides.add(null);
            for (Subvolume before : sides) {
                for (Subvolume after : sides) {
                    List<String> lines = actual(trees, rootOf(trees, before), rootOf(trees, after));
                    assertEquals(expected(items(trees, before), items(trees, after)), lines);
                }
            }
        }
    }

    private static TreeRoot rootOf(Trees trees, @Nullable Subvolume subvolume) {
        return subvolume == null ? TreeRoot.EMPTY : trees.state().root(subvolume);
    }

    @Test
    void equalTreesCostNothing() throws IOException {
        MemoryDevice image =
                SampleImages.image(
                        4096,
                        1,
                        pool -> {
                            SampleImages.fill(pool.volume(Ref.MAIN), 1, 150);
                            pool.snapshot(Ref.parse("main@a"));
                            pool.snapshot(Ref.parse("main@b"));
                        });
        try (Trees trees = Trees.of(image)) {
            assertEquals(List.of(), actual(trees, trees.root("main@a"), trees.root("main@b")));
            assertEquals(0, trees.readCount());
        }
    }

    /// A hundred thousand files, ten of which change: the walk reads the ways to the ten, on both
    /// sides, and no more.
    @Test
    void theCostFollowsTheDifferenceAndNotTheSize() throws IOException {
        int changes = 10;
        MemoryDevice image = new MemoryDevice(512L << 20);
        Images.format(image, FormatOptions.ofSize(512L << 20));
        try (Pool pool = Images.open(image, new OpenOptions(false, 64L << 20, Duration.ZERO))) {
            Volume main = pool.volume(Ref.MAIN);
            List<Long> inodes = makeFiles(main, 100_000);
            pool.snapshot(Ref.parse("main@before"));
            Random random = new Random(1);
            for (int i = 0; i < changes; i++) {
                long inode = inodes.get(random.nextInt(inodes.size()));
                main.write(inode, 0, ByteBuffer.wrap(SampleImages.name("changed " + i)));
            }
            pool.snapshot(Ref.parse("main@after"));
        }
        try (Trees trees = Trees.of(image.copy())) {
            List<String> lines = actual(trees, trees.root("main@before"), trees.root("main@after"));
            assertEquals(2 * changes, lines.size(), "of each file its inode and its content");
            SubvolumeItem item = trees.state().item(trees.get("main@after"));
            int most = 2 * (item.rootLevel() + 1) * changes;
            assertTrue(item.nodeCount() > 20L * most, "the tree has " + item.nodeCount());
            assertTrue(trees.readCount() <= most, trees.readCount() + " reads, at most " + most);
        }
    }

    private static List<Long> makeFiles(Volume volume, int count) throws IOException {
        List<Long> inodes = new ArrayList<>();
        long directory = Volume.ROOT_INODE;
        for (int i = 0; i < count; i++) {
            if (i % 1000 == 0) {
                byte[] name = SampleImages.name("d" + i / 1000);
                directory = SampleImages.makeDirectory(volume, Volume.ROOT_INODE, name);
            }
            byte[] name = SampleImages.name("file" + i);
            long inode = volume.create(directory, name, NewInode.regular(0644, 0, 0)).inode();
            volume.write(inode, 0, ByteBuffer.wrap(name));
            inodes.add(inode);
        }
        return inodes;
    }
}
