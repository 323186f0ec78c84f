package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FilePlace;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.PathUsage;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.check.SpaceOracle.PathSpace;
import cowfs.device.MemoryDevice;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.fs.PathLookup;
import cowfs.fs.SubtreeRemoval;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is told of a path is what lies there, and what removing it frees.
final class PathUsageWalkTest {
    private static final int BLOCK = 4096;

    private static PathUsage of(Pool pool, String ref, String path) throws IOException {
        return pool.pathUsage(List.of(new FilePlace(Ref.parse(ref), FilePath.of(path)))).getFirst();
    }

    private static void assertBlocks(PathUsage usage, long referenced, long exclusive) {
        assertEquals(referenced * BLOCK, usage.referencedBytes(), usage + "");
        assertEquals(exclusive * BLOCK, usage.exclusiveBytes(), usage + "");
        assertEquals((referenced - exclusive) * BLOCK, usage.sharedBytes(), usage + "");
    }

    private static long directory(Volume volume, String name) throws IOException {
        return volume.create(
                        Volume.ROOT_INODE, SampleImages.name(name), NewInode.directory(0755, 0, 0))
                .inode();
    }

    private static long file(Volume volume, long directory, String name, int blocks)
            throws IOException {
        return SampleImages.write(
                volume, directory, SampleImages.name(name), new Random(blocks), blocks * BLOCK);
    }

    @Test
    void namesReflinksAndSnapshotsShare() throws IOException {
        SampleImages.image(
                4096,
                1,
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long a = directory(main, "a");
                    long b = directory(main, "b");
                    long one = file(main, a, "one", 100);
                    file(main, a, "two", 10);
                    SampleImages.write(main, a, SampleImages.name("small"), new Random(1), 50);
                    assertBlocks(of(pool, "main", "/a"), 110, 110);
                    assertEquals(3, of(pool, "main", "/a").files());
                    assertEquals(1, of(pool, "main", "/a").directories());
                    assertEquals(50, of(pool, "main", "/a").inlineBytes());

                    main.link(one, a, SampleImages.name("again"));
                    assertBlocks(of(pool, "main", "/a"), 110, 110);
                    assertBlocks(of(pool, "main", "/a/one"), 100, 0);
                    main.link(one, b, SampleImages.name("outside"));
                    assertBlocks(of(pool, "main", "/a"), 110, 10);
                    assertBlocks(of(pool, "main", "/b"), 100, 0);
                    assertBlocks(of(pool, "main", "/"), 110, 110);
                    main.unlink(b, SampleImages.name("outside"));

                    long copy = file(main, a, "copy", 1);
                    main.cloneFile(main, one, copy, SetIdBits.KEEP);
                    assertBlocks(of(pool, "main", "/a"), 110, 110);
                    assertBlocks(of(pool, "main", "/a/copy"), 100, 0);

                    pool.snapshot(Ref.parse("main@s"));
                    assertBlocks(of(pool, "main", "/a"), 110, 0);
                    assertBlocks(of(pool, "main@s", "/a"), 110, 0);
                    main.write(one, 0, ByteBuffer.wrap(new byte[30 * BLOCK]));
                    assertBlocks(of(pool, "main", "/a"), 140, 30);
                    main.unlink(a, SampleImages.name("two"));
                    assertBlocks(of(pool, "main@s", "/a/two"), 10, 10);
                    assertBlocks(of(pool, "main@s", "/"), 110, 10);
                });
    }

    private static void assertAsReadWhole(MemoryDevice image, long seed) throws IOException {
        SpaceOracle oracle = new SpaceOracle(image);
        Random random = new Random(seed);
        try (Pool pool = Images.open(image.copy(), OpenOptions.READ_ONLY)) {
            for (Ref ref : oracle.refs()) {
                List<FilePath> paths = new ArrayList<>(oracle.paths(ref));
                Collections.shuffle(paths.subList(1, paths.size()), random);
                List<FilePlace> places = new ArrayList<>();
                paths.stream().limit(40).forEach(path -> places.add(new FilePlace(ref, path)));
                for (PathUsage usage : pool.pathUsage(places)) {
                    assertEquals(
                            oracle.pathSpace(ref, usage.place().path()),
                            new PathSpace(
                                    usage.files(),
                                    usage.directories(),
                                    usage.referencedBytes(),
                                    usage.exclusiveBytes(),
                                    usage.inlineBytes()),
                            "seed " + seed + ": " + usage.place());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void randomHistoriesAreExact(long seed) throws IOException {
        assertAsReadWhole(SpaceHistory.image(seed, seed % 3 == 0 ? 8192 : 4096, 1), seed);
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24, 25, 26})
    void removingAPathFreesItsExclusiveBytes(long seed) throws IOException {
        MemoryDevice image =
                SampleImages.change(
                        SpaceHistory.image(seed, 4096, 1), PathUsageWalkTest::removeOrphans);
        Random random = new Random(seed);
        for (Ref ref : new SpaceOracle(image).refs()) {
            MemoryDevice start = image;
            FilePath first = any(start, ref, random);
            if (ref.isSnapshot() && first != null) {
                // it takes files without a name along, which lie at no path
                start = SampleImages.change(start, pool -> purge(pool, ref, first));
            }
            FilePath path = any(start, ref, random);
            if (path != null) {
                assertFreed(start, ref, path);
            }
        }
    }

    private static @Nullable FilePath any(MemoryDevice image, Ref ref, Random random)
            throws IOException {
        List<FilePath> paths = new SpaceOracle(image).paths(ref);
        return paths.size() == 1 ? null : paths.get(1 + random.nextInt(paths.size() - 1));
    }

    private static void purge(Pool pool, Ref snapshot, FilePath path) throws IOException {
        pool.purge(path, List.of(snapshot));
        pool.awaitReclaim();
    }

    private static void removeOrphans(Pool pool) throws IOException {
        for (SubvolumeInfo each : pool.list()) {
            pool.volume(each.ref());
        }
        pool.awaitReclaim();
    }

    /// Removes a path from a subvolume, or purges it from a snapshot.
    private static void assertFreed(MemoryDevice image, Ref ref, FilePath path) throws IOException {
        long[] exclusive = new long[1];
        MemoryDevice after =
                SampleImages.change(
                        image,
                        pool -> {
                            FilePlace place = new FilePlace(ref, path);
                            exclusive[0] =
                                    pool.pathUsage(List.of(place)).getFirst().exclusiveBytes();
                            if (ref.isSnapshot()) {
                                purge(pool, ref, path);
                            } else {
                                Volume volume = pool.volume(ref);
                                long directory = PathLookup.find(volume, path.parent());
                                new SubtreeRemoval(volume).remove(directory, path.name());
                            }
                            pool.sync();
                            pool.awaitReclaim();
                        });
        assertEquals(dataBytes(image) - dataBytes(after), exclusive[0], ref + ":" + path);
        assertTrue(exclusive[0] >= 0);
    }

    private static long dataBytes(MemoryDevice image) throws IOException {
        return new ImageSurgeon(image).superblock().dataBlocks() * BLOCK;
    }
}
