package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.PoolInfo;
import cowfs.api.Ref;
import cowfs.check.SpaceUsageWalk.Freed;
import cowfs.device.MemoryDevice;
import cowfs.file.Volume;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import cowfs.txn.PoolOptions;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the walk says a deletion frees is what the deletion frees.
final class SpaceUsageWalkTest {
    private static final PoolOptions READ_ONLY =
            new PoolOptions(true, 4 << 20, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);

    /// Data blocks and nodes of file trees in use, in bytes, counted by the checker's own ledger.
    private static Freed used(MemoryDevice image) throws IOException {
        CheckerTest.assertClean(image);
        ImageSurgeon surgeon = new ImageSurgeon(image);
        List<Long> nodes = new ArrayList<>();
        for (ImageSurgeon.Place place : surgeon.all(1)) {
            if (place.key().kind() == ItemKind.SUBVOLUME.number()) {
                nodes.addAll(surgeon.leaves(place.key().inode()));
                nodes.addAll(surgeon.interiors(place.key().inode()));
            }
        }
        long copies = surgeon.superblock().metadataCopies();
        return new Freed(
                surgeon.superblock().dataBlocks() * 4096,
                nodes.stream().distinct().count() * surgeon.superblock().nodeBytes() * copies);
    }

    private static Map<String, Long> ids(MemoryDevice image) throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(image);
        Map<String, Long> ids = new HashMap<>();
        Map<Long, String> subvolumes = new HashMap<>();
        for (ImageSurgeon.Place place : surgeon.all(1)) {
            if (place.key().kind() == ItemKind.SUBVOLUME.number()) {
                SubvolumeItem item = ImageSurgeon.subvolume(place);
                subvolumes.put(place.key().inode(), item.name());
                String parent = subvolumes.get(item.parentTree());
                ids.put(
                        item.isSnapshot() ? parent + "@" + item.name() : item.name(),
                        place.key().inode());
            }
        }
        return ids;
    }

    private static Freed predicted(MemoryDevice image, List<String> refs) throws IOException {
        Map<String, Long> ids = ids(image);
        try (PoolStore store = PoolStore.open(image.copy(), READ_ONLY)) {
            return SpaceUsageWalk.freedBy(store, refs.stream().map(ids::get).toList());
        }
    }

    private static void assertExact(MemoryDevice image, List<String> refs) throws IOException {
        Freed predicted = predicted(image, refs);
        List<Ref> parsed = new ArrayList<>();
        for (String ref : refs) {
            parsed.add(Ref.parse(ref));
        }
        MemoryDevice after =
                SampleImages.change(
                        image,
                        pool -> {
                            pool.delete(parsed);
                            pool.awaitReclaim();
                        });
        Freed before = used(image);
        Freed left = used(after);
        assertEquals(
                new Freed(
                        before.dataBytes() - left.dataBytes(),
                        before.metadataBytes() - left.metadataBytes()),
                predicted,
                "deleting " + refs);
    }

    @ParameterizedTest
    @CsvSource({"4096,2", "8192,1", "16384,2"})
    void everySetFreesExactlyWhatTheWalkSays(int nodeBytes, int copies) throws IOException {
        MemoryDevice image = SampleImages.full(nodeBytes, copies);
        assertExact(image, List.of("main@one"));
        assertExact(image, List.of("main@two"));
        assertExact(image, List.of("clone"));
        assertExact(image, List.of("main@one", "main@two"));
        assertExact(image, List.of("main@one", "clone"));
        assertExact(image, List.of("main", "main@one", "main@two"));
        assertExact(image, List.of("main", "main@one", "main@two", "clone"));
    }

    @Test
    void aSetFreesMoreThanItsMembersAlone() throws IOException {
        MemoryDevice image =
                SampleImages.image(
                        8192,
                        2,
                        pool -> {
                            Volume main = pool.volume(Ref.MAIN);
                            byte[] name = SampleImages.name("large");
                            SampleImages.write(
                                    main, Volume.ROOT_INODE, name, new Random(1), 4096 * 500);
                            pool.snapshot(Ref.parse("main@a"));
                            pool.snapshot(Ref.parse("main@b"));
                            main.unlink(Volume.ROOT_INODE, name);
                        });
        assertEquals(0, predicted(image, List.of("main@a")).totalBytes());
        assertEquals(0, predicted(image, List.of("main@b")).totalBytes());
        Freed both = predicted(image, List.of("main@a", "main@b"));
        assertEquals(4096 * 500, both.dataBytes());
        assertTrue(both.metadataBytes() > 0);
        assertExact(image, List.of("main@a", "main@b"));
    }

    @Test
    void randomHistoriesAreExact() throws IOException {
        for (long seed = 1; seed <= 6; seed++) {
            List<String> refs = new ArrayList<>(List.of());
            long start = seed;
            MemoryDevice image =
                    SampleImages.image(4096, 1, pool -> history(pool, new Random(start), refs));
            Random random = new Random(seed);
            for (int i = 0; i < 3; i++) {
                List<String> some = new ArrayList<>(refs);
                some.removeIf(ref -> random.nextBoolean());
                if (!some.isEmpty()) {
                    assertExact(image, some);
                }
            }
        }
    }

    private static void history(Pool pool, Random random, List<String> refs) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        SampleImages.fill(main, random.nextInt(1000), 60);
        for (int i = 0; i < 8; i++) {
            SampleImages.disturb(main, 1000 + i, random.nextInt(20));
            String snapshot = "main@s" + i;
            pool.snapshot(Ref.parse(snapshot));
            refs.add(snapshot);
            if (random.nextInt(3) == 0) {
                pool.cloneSubvolume(Ref.parse(snapshot), "clone" + i);
                SampleImages.disturb(pool.volume(Ref.parse("clone" + i)), 50 + i, 15);
                refs.add("clone" + i);
            }
        }
        PoolInfo info = pool.info();
        assertTrue(info.dataBytes() > 0);
    }
}
