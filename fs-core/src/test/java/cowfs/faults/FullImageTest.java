package cowfs.faults;

import static cowfs.model.VolumeFixture.ROOT;
import static cowfs.model.VolumeFixture.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Ref;
import cowfs.api.ScrubReport;
import cowfs.api.SubvolumeInfo;
import cowfs.file.AttributeChange;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Images filled with one thing until nothing more goes: what is asked for is refused with
/// `NO_SPACE` or done; deleting snapshots always works; so does removing names, except where that
/// would have to copy more shared metadata than there is room for; the space comes back; and no
/// commit ever fails.
final class FullImageTest {
    private static final int MAX_STEPS = 60_000;

    static Stream<Arguments> fillings() {
        return Stream.of(Filling.values())
                .flatMap(
                        filling ->
                                Stream.of(
                                        Arguments.of(filling, 32, 4096, 1, 1L),
                                        Arguments.of(filling, 32, 8192, 2, 2L),
                                        Arguments.of(filling, 36, 65536, 2, 3L)));
    }

    private static FullImage image(int sizeMiB, int nodeBytes, int copies) throws IOException {
        return new FullImage(new FormatOptions((long) sizeMiB << 20, nodeBytes, copies, "full"));
    }

    /// Fills until several steps in a row are refused.
    ///
    /// @return how many steps were done
    private static int fill(FullImage image, Filling filling, Random random, int most)
            throws IOException {
        int done = 0;
        int refused = 0;
        for (int i = 0; i < most && refused < 5; i++) {
            int step = i;
            if (FullImage.fits(() -> filling.step(image, step, random))) {
                done++;
                refused = 0;
            } else {
                refused++;
            }
        }
        return done;
    }

    @ParameterizedTest
    @MethodSource("fillings")
    void aFullImageGivesBackWhatIsDeleted(
            Filling filling, int sizeMiB, int nodeBytes, int copies, long seed) throws IOException {
        try (FullImage image = image(sizeMiB, nodeBytes, copies)) {
            long free = image.settledFreeBlocks();
            int done = fill(image, filling, new Random(seed), MAX_STEPS);
            assertTrue(done < MAX_STEPS, "the image never got full");
            image.requireSound();
            image.pool().sync();
            touchInVain(image);
            deleteSnapshots(image);
            int refused = Filling.removeAll(image);
            assertEquals(0, refused, "removals without snapshots");
            image.pool().sync();
            requireFreeAgain(image, free, filling + ", " + done + " steps");
        }
    }

    /// The same with a snapshot of the full state in the way: then each removal copies shared
    /// nodes.
    @ParameterizedTest
    @MethodSource("fillings")
    void aFullImageWithASnapshotGivesBackWhatIsDeleted(
            Filling filling, int sizeMiB, int nodeBytes, int copies, long seed) throws IOException {
        try (FullImage image = image(sizeMiB, nodeBytes, copies)) {
            long free = image.settledFreeBlocks();
            fill(image, filling, new Random(seed), MAX_STEPS);
            boolean taken = FullImage.fits(() -> image.pool().snapshot(Ref.parse("main@full")));
            int refused = Filling.removeAll(image);
            image.requireSound();
            // once more after a commit: what can't be copied now must not be half gone
            image.pool().sync();
            refused += refused > 0 ? Filling.removeAll(image) : 0;
            image.requireSound();
            deleteSnapshots(image);
            assertEquals(0, Filling.removeAll(image), "removals after the snapshots are gone");
            image.pool().sync();
            requireFreeAgain(
                    image,
                    free,
                    filling + ", snapshot " + taken + ", " + refused + " removals refused");
        }
    }

    /// A scrub keeps its cursor in the root tree, and lets a full image be what it was.
    @ParameterizedTest
    @EnumSource(
            value = Filling.class,
            names = {"DATA", "SMALL_FILES"})
    void aScrubOfAFullImageFinishesAndDeletingStillWorks(Filling filling) throws IOException {
        try (FullImage image = image(32, 4096, 2)) {
            long free = image.settledFreeBlocks();
            fill(image, filling, new Random(4), MAX_STEPS);
            image.pool().sync();
            image.pool().startScrub(0, true);
            ScrubReport report =
                    Awaitility.await()
                            .atMost(Duration.ofMinutes(1))
                            .until(image.pool()::scrub, each -> !each.isRunning());
            assertTrue(report.isFinished() && report.lostCount() == 0, () -> "" + report);
            image.requireSound();
            assertEquals(0, Filling.removeAll(image), "removals");
            image.pool().sync();
            requireFreeAgain(image, free, "after a scrub");
        }
    }

    /// Snapshots alone can fill an image: each takes an item in the root tree.
    @ParameterizedTest
    @CsvSource({"32, 8192, 2, 200", "36, 65536, 2, 500"})
    void snapshotsAreRefusedBeforeTheReserveIsGone(
            int sizeMiB, int nodeBytes, int copies, int removed) throws IOException {
        try (FullImage image = image(sizeMiB, nodeBytes, copies)) {
            long free = image.settledFreeBlocks();
            fill(image, Filling.SMALL_FILES, new Random(1), MAX_STEPS);
            for (int i = 0; i < removed; i++) {
                image.main().unlink(ROOT, name("s" + i));
            }
            image.settledFreeBlocks();
            int made = 0;
            boolean fits = true;
            String longName = "n".repeat(50);
            for (; fits && made < MAX_STEPS; made++) {
                int number = made;
                fits =
                        FullImage.fits(
                                () ->
                                        image.pool()
                                                .snapshot(Ref.parse("main@" + longName + number)));
            }
            assertTrue(!fits && made > 20, "never refused, or at once: " + made);
            image.requireSound();
            System.out.printf("%d MiB, node %d: %d snapshots more%n", sizeMiB, nodeBytes, made);
            deleteSnapshots(image);
            assertEquals(0, Filling.removeAll(image));
            image.pool().sync();
            requireFreeAgain(image, free, made + " snapshots");
        }
    }

    /// Ordinary operations on a full image are done or refused, and the pool lives.
    private static void touchInVain(FullImage image) throws IOException {
        Volume main = image.main();
        for (int i = 0; i < 300; i++) {
            String file = "vain" + i;
            FullImage.fits(
                    () -> {
                        long inode = image.create(file);
                        main.write(inode, 0, ByteBuffer.allocate(3000));
                    });
            FullImage.fits(() -> main.setAttributes(ROOT, AttributeChange.ofMode(0700)));
            FullImage.fits(() -> main.fsync(ROOT, false));
        }
        image.requireSound();
    }

    private static void deleteSnapshots(FullImage image) throws IOException {
        List<Ref> snapshots = new ArrayList<>();
        for (SubvolumeInfo each : image.pool().list()) {
            if (each.readOnly()) {
                snapshots.add(each.ref());
            }
        }
        for (int i = 0; i < snapshots.size(); i++) {
            if (i % 2 == 0 || i > 100) {
                image.pool().delete(List.of(snapshots.get(i)));
            }
        }
        for (int i = 1; i < Math.min(100, snapshots.size()); i += 2) {
            image.pool().delete(List.of(snapshots.get(i)));
        }
        image.pool().awaitReclaim();
        image.requireSound();
    }

    private static void requireFreeAgain(FullImage image, long before, String what)
            throws IOException {
        long after = image.settledFreeBlocks();
        // for each copy one group more may be one of nodes, until the last of them move
        assertTrue(
                after >= before - 2 * 1024,
                () -> what + ": free before " + before + ", after " + after);
        long bytes = after * FullImage.BLOCK;
        long file = image.create("again");
        assertEquals(bytes, image.write(file, 0, bytes), what + ": what is free can be written");
        image.main().unlink(ROOT, name("again"));
    }
}
