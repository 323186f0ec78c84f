package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.DedupReport;
import cowfs.api.FilePlace;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.BlockDevice;
import cowfs.device.ForwardingDevice;
import cowfs.device.MemoryDevice;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Damage in what was deleted is not the business of anybody else: the pool goes on, and `check
/// --repair` brings back the space that nobody can find.
final class DamagedDeletionTest {
    private static final OpenOptions NO_CACHE = new OpenOptions(false, 0, Duration.ZERO);

    private static Ref snapshot() throws IOException {
        return Ref.parse("main@old");
    }

    /// A snapshot that has nodes of its own.
    private static MemoryDevice image(int copies) throws IOException {
        return SampleImages.image(
                4096,
                copies,
                pool -> {
                    Volume main = pool.volume(Ref.MAIN);
                    SampleImages.fill(main, 1, 150);
                    pool.snapshot(snapshot());
                    SampleImages.disturb(main, 2, 80);
                });
    }

    private static long snapshotId(ImageSurgeon surgeon) {
        return surgeon.get(
                        1,
                        ItemKind.SUBVOLUME,
                        (key, place) -> {
                            try {
                                return ImageSurgeon.subvolume(place).name().equals("old");
                            } catch (IOException damaged) {
                                throw new AssertionError(damaged);
                            }
                        })
                .key()
                .inode();
    }

    /// Nodes that only the snapshot reaches.
    private static List<Long> ownNodes(ImageSurgeon surgeon, int level) {
        long snapshot = snapshotId(surgeon);
        Set<Long> others = new HashSet<>();
        for (ImageSurgeon.Place place : surgeon.all(1)) {
            long id = place.key().inode();
            if (place.key().kind() == ItemKind.SUBVOLUME.number() && id != snapshot) {
                others.addAll(level == 0 ? surgeon.leaves(id) : surgeon.interiors(id));
            }
        }
        List<Long> all = level == 0 ? surgeon.leaves(snapshot) : surgeon.interiors(snapshot);
        return all.stream().filter(address -> !others.contains(address)).toList();
    }

    private static void deleteAndGoOn(MemoryDevice damaged) throws IOException {
        try (Pool pool = Images.open(damaged, NO_CACHE)) {
            pool.delete(List.of(snapshot()));
            Volume main = pool.volume(Ref.MAIN);
            SampleImages.write(
                    main, Volume.ROOT_INODE, SampleImages.name("new"), new Random(3), 50_000);
            pool.sync();
            pool.awaitReclaim();
            assertEquals(0, pool.info().reclaimingCount());
        }
        try (Pool pool = Images.open(damaged.copy(), NO_CACHE)) {
            SampleImages.write(
                    pool.volume(Ref.MAIN),
                    Volume.ROOT_INODE,
                    SampleImages.name("newer"),
                    new Random(4),
                    50_000);
            pool.sync();
        }
        MemoryDevice after = damaged.copy();
        Images.repair(after, (done, total) -> {});
        CheckerTest.assertClean(after);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aNodeThatCantBeReadDoesNotStopThePool(int level) throws IOException {
        MemoryDevice damaged = image(1);
        List<Long> own = ownNodes(new ImageSurgeon(damaged), level);
        assertTrue(own.size() > 1, "the snapshot has no nodes of its own");
        damaged.write(Blocks.toBytes(own.getLast()) + 100, ByteBuffer.wrap(new byte[512]));
        deleteAndGoOn(damaged);
    }

    @Test
    void anItemThatMakesNoSenseDoesNotStopThePool() throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(image(2));
        Set<Long> own = new HashSet<>(ownNodes(surgeon, 0));
        ImageSurgeon.Place content =
                surgeon.get(
                        snapshotId(surgeon),
                        ItemKind.CONTENT,
                        (key, place) -> own.contains(NodePage.address(place.page())));
        content.page()[content.position()] = 77; // an encoding that there is not
        deleteAndGoOn(surgeon.close());
    }

    /// Found by review: it was taken for a lack of room, and tried again for ever.
    @Test
    void anItemOutOfPlaceEndsReclaimAndNotThePool() throws IOException {
        ImageSurgeon surgeon = new ImageSurgeon(image(1));
        byte[] reference =
                new NodeRefItem(surgeon.superblock().root(), surgeon.superblock().rootLevel(), 0)
                        .toBytes();
        surgeon.put(1, new Key(4711, ItemKind.RECLAIM.number(), Long.MIN_VALUE), reference);
        try (Pool pool = Images.open(surgeon.close(), NO_CACHE)) {
            IOException ended = assertThrows(IOException.class, pool::awaitReclaim);
            assertTrue(ended.getMessage().contains("reclaim item: tree=4711"), ended.getMessage());
            pool.createSubvolume("more");
            assertEquals("", pool.info().failure());
        }
    }

    @Test
    void aDiskThatFailsForAWhileLosesNothing() throws IOException {
        MemoryDevice memory = image(1);
        List<Long> own = ownNodes(new ImageSurgeon(memory), 0);
        FailingPlaces device = new FailingPlaces(memory, Set.copyOf(own));
        try (Pool pool = Images.open(device, NO_CACHE)) {
            pool.delete(List.of(snapshot()));
            assertThrows(IOException.class, pool::awaitReclaim);
            SampleImages.write(
                    pool.volume(Ref.MAIN),
                    Volume.ROOT_INODE,
                    SampleImages.name("new"),
                    new Random(3),
                    50_000);
            pool.sync();
        }
        MemoryDevice after = SampleImages.change(memory, Pool::awaitReclaim);
        CheckerTest.assertClean(after);
    }

    /// Reclaim tries a tree again and again whose nodes the disk can't read.
    @Test
    void dedupWaitsForNoOtherSpaceThatIsComingBack() throws IOException {
        MemoryDevice memory = image(1);
        List<Long> own = ownNodes(new ImageSurgeon(memory), 0);
        FailingPlaces device = new FailingPlaces(memory, Set.copyOf(own));
        try (Pool pool = Images.open(device, NO_CACHE)) {
            Volume main = pool.volume(Ref.MAIN);
            for (String name : List.of("one", "two")) {
                SampleImages.write(
                        main, Volume.ROOT_INODE, SampleImages.name(name), new Random(5), 1 << 20);
            }
            pool.delete(List.of(snapshot()));
            assertThrows(IOException.class, pool::awaitReclaim);
            DedupReport done =
                    pool.dedup(List.of(new FilePlace(Ref.MAIN, FilePath.ROOT)), 128 << 10);
            assertTrue(done.sharedBytes() >= 1 << 20, done + "");
            assertTrue(done.usedBytesBefore() - done.usedBytesAfter() > 1 << 19, done + "");
            assertEquals(1, pool.info().reclaimingCount(), "only what can't be read");
        }
        MemoryDevice after = SampleImages.change(memory, Pool::awaitReclaim);
        CheckerTest.assertClean(after);
    }

    /// A device that can't read some blocks.
    private record FailingPlaces(BlockDevice target, Set<Long> blocks) implements ForwardingDevice {
        @Override
        public void read(long position, ByteBuffer into) throws IOException {
            if (blocks.contains(position / Blocks.SIZE)) {
                throw new IOException("Input/output error (injected)");
            }
            target.read(position, into);
        }
    }
}
