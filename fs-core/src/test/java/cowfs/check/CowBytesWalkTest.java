package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SpaceUsage;
import cowfs.device.MemoryDevice;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The cow bytes of a snapshot are what it reaches and no subvolume does.
final class CowBytesWalkTest {
    private static final int BLOCK = 4096;

    private static long cow(Pool pool, String ref) throws IOException {
        Long bytes = pool.spaceUsage(List.of(Ref.parse(ref))).getFirst().cowBytes();
        assertTrue(bytes != null, ref);
        return bytes;
    }

    /// One block of metadata each, so that data is what is left of a multiple of it.
    private static void onPool(SampleImages.Work work) throws IOException {
        SampleImages.image(4096, 1, work);
    }

    private static long large(Volume main) throws IOException {
        byte[] name = SampleImages.name("large");
        return SampleImages.write(main, Volume.ROOT_INODE, name, new Random(1), 1000 * BLOCK);
    }

    private static void overwrite(Volume volume, long inode, int from, int count)
            throws IOException {
        byte[] bytes = new byte[count * BLOCK];
        new Random(from).nextBytes(bytes);
        volume.write(inode, (long) from * BLOCK, ByteBuffer.wrap(bytes));
    }

    /// Data and the nodes of a tree that is a few nodes high.
    private static void assertAbout(long blocks, long bytes) {
        assertTrue(
                bytes >= blocks * BLOCK && bytes < (blocks + 40) * BLOCK,
                bytes + " bytes, not " + blocks + " blocks and some nodes");
    }

    @Test
    void aNewSnapshotHasNoneAndThenWhatIsReplaced() throws IOException {
        onPool(
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = large(main);
                    pool.snapshot(Ref.parse("main@a"));
                    assertEquals(0, cow(pool, "main@a"));
                    assertEquals(0, cow(pool, "main"));
                    overwrite(main, file, 0, 300);
                    assertAbout(300, cow(pool, "main@a"));
                    overwrite(main, file, 0, 300);
                    assertAbout(300, cow(pool, "main@a"));
                    main.unlink(Volume.ROOT_INODE, SampleImages.name("large"));
                    assertAbout(1000, cow(pool, "main@a"));
                    pool.rollback(Ref.parse("main@a"), null);
                    assertEquals(0, cow(pool, "main@a"));
                });
    }

    @Test
    void whatTwoSnapshotsKeepCountsInBoth() throws IOException {
        onPool(
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = large(main);
                    pool.snapshot(Ref.parse("main@a"));
                    overwrite(main, file, 0, 200);
                    pool.snapshot(Ref.parse("main@b"));
                    assertAbout(200, cow(pool, "main@a"));
                    assertEquals(0, cow(pool, "main@b"));
                    overwrite(main, file, 100, 400);
                    // a: the first 500; b: 100 to 499, of which 200 to 499 are also in a
                    assertAbout(500, cow(pool, "main@a"));
                    assertAbout(400, cow(pool, "main@b"));
                    List<SpaceUsage> all = pool.spaceUsage(List.of());
                    assertAbout(200, all.get(1).exclusiveBytes());
                    assertAbout(100, all.get(2).exclusiveBytes());
                });
    }

    @Test
    void whatACloneStillHasIsNotKeptBySnapshots() throws IOException {
        onPool(
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = large(main);
                    pool.snapshot(Ref.parse("main@a"));
                    pool.cloneSubvolume(Ref.parse("main@a"), "clone");
                    overwrite(main, file, 0, 1000);
                    assertEquals(0, cow(pool, "main@a"));
                    overwrite(pool.volume(Ref.parse("clone")), file, 0, 1000);
                    assertAbout(1000, cow(pool, "main@a"));
                });
    }

    @Test
    void blocksThatAnotherFileOfTheSubvolumeSharesDoNotCount() throws IOException {
        onPool(
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    long file = large(main);
                    pool.snapshot(Ref.parse("main@a"));
                    long other =
                            SampleImages.write(
                                    main,
                                    Volume.ROOT_INODE,
                                    SampleImages.name("other"),
                                    new Random(2),
                                    100);
                    main.cloneFile(main, file, other, SetIdBits.KEEP);
                    overwrite(main, file, 0, 1000);
                    assertAbout(0, cow(pool, "main@a"));
                    main.unlink(Volume.ROOT_INODE, SampleImages.name("other"));
                    assertAbout(1000, cow(pool, "main@a"));
                });
    }

    private static void assertExact(long seed, int nodeBytes, int copies) throws IOException {
        MemoryDevice image = SpaceHistory.image(seed, nodeBytes, copies);
        SpaceOracle oracle = new SpaceOracle(image);
        List<Ref> snapshots = oracle.refs().stream().filter(Ref::isSnapshot).toList();
        try (Pool pool = Images.open(image.copy(), OpenOptions.READ_ONLY)) {
            for (SpaceUsage usage : pool.spaceUsage(List.of())) {
                Ref ref = usage.ref();
                assertEquals(
                        ref.isSnapshot() ? oracle.cowBytes(ref) : 0,
                        usage.cowBytes(),
                        "seed " + seed + ": " + ref);
            }
            // every other one, so that the walk goes over those between them
            List<Ref> some = new ArrayList<>();
            for (int i = (int) (seed % 2); i < snapshots.size(); i += 2) {
                some.add(snapshots.get(i));
            }
            for (SpaceUsage usage : pool.spaceUsage(some)) {
                Ref ref = usage.ref();
                assertEquals(
                        ref.isSnapshot() ? oracle.cowBytes(ref) : 0, usage.cowBytes(), ref + "");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void randomHistoriesAreExact(long seed) throws IOException {
        assertExact(seed, seed % 3 == 0 ? 8192 : 4096, 1 + (int) (seed % 2));
    }
}
