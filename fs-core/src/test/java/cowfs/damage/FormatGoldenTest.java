package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.BookmarkRef;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.ScrubReport;
import cowfs.api.SendRequest;
import cowfs.damage.ImageGraph.Patch;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.file.AttributeChange;
import cowfs.file.Volume;
import cowfs.format.Superblock;
import cowfs.format.Superblock.Features;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The golden images read as their manifests say, whatever version wrote them.
final class FormatGoldenTest {
    static Stream<GoldenImage> images() throws IOException {
        return GoldenImage.all().stream();
    }

    static Stream<GoldenImage> soundImages() throws IOException {
        return images().filter(image -> !image.name().contains("damaged"));
    }

    @ParameterizedTest
    @MethodSource("images")
    void isReadAsItsManifestSays(GoldenImage golden) throws IOException {
        Trial found = Trial.withPatience(golden::image);
        List<String> wanted = golden.manifest();
        assertEquals(String.join("\n", wanted), String.join("\n", GoldenImage.describe(found)));
        assertEquals(
                golden.name().contains("damaged"),
                wanted.stream().anyMatch(line -> line.startsWith("finding ")));
    }

    @ParameterizedTest
    @MethodSource("soundImages")
    void canBeChangedAndIsCleanAfterwards(GoldenImage golden) throws IOException {
        MemoryDevice device = golden.image();
        try (Pool pool = Images.open(device, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(pool.list().getFirst().ref());
            pool.snapshot(new Ref(pool.list().getFirst().ref().subvolume(), "golden"));
            main.setAttributes(Volume.ROOT_INODE, AttributeChange.ofMode(0700));
            pool.awaitReclaim();
        }
        Trial after = Trial.withPatience(device::copy);
        assertEquals(List.of(), after.findings());
        assertTrue(saysThatThereAreLines(device), "a snapshot says since when it was only changed");
    }

    /// What an older version takes for damage, it refuses by a bit instead.
    @Test
    void onlyWhatOlderVersionsCannotReadKeepsThemOut() throws IOException {
        MemoryDevice device = new GoldenImage(GoldenImage.DIRECTORY, "v1-empty").image();
        try (Pool pool = Images.open(device, OpenOptions.DEFAULTS)) {
            pool.volume(Ref.MAIN).setAttributes(Volume.ROOT_INODE, AttributeChange.ofMode(0700));
        }
        assertEquals(Features.NONE, features(device));
        device = device.copy();
        try (Pool pool = Images.open(device, OpenOptions.DEFAULTS)) {
            pool.snapshot(new Ref("main", "monday"));
        }
        assertEquals(Features.LINES, features(device));
        device = device.copy();
        try (Pool pool = Images.open(device, OpenOptions.DEFAULTS)) {
            pool.delete(List.of(new Ref("main", "monday")));
        }
        assertEquals(Features.LINES, features(device));
    }

    /// Images of versions that had lines and no bit for them are sound, and get it.
    @Test
    void anImageWithLinesThatDoesNotSaySoSaysItAfterAChange() throws IOException {
        ImageGraph graph = new ImageGraph(SampleImage.make(1).image());
        int at = ImageGraph.offset(Superblock.LAYOUT, "incompat");
        byte[] compressionOnly = {(byte) Features.COMPRESSION.incompat()};
        MemoryDevice device = graph.with(List.of(new Patch(graph.head(), at, compressionOnly)));
        assertEquals(List.of(), Trial.withPatience(device::copy).findings());
        assertEquals(Features.COMPRESSION, features(device));
        try (Pool pool = Images.open(device, OpenOptions.DEFAULTS)) {
            pool.createBookmark(new Ref("main", "first"), "again");
        }
        assertTrue(saysThatThereAreLines(device), "a bookmark says that there are some");
    }

    /// The bit is set by the repair itself, as its state has the lines of the damaged one.
    @Test
    void aRepairSaysThatThereAreLines() throws IOException {
        ImageGraph graph = new ImageGraph(SampleImage.make(1).image());
        int features = ImageGraph.offset(Superblock.LAYOUT, "incompat");
        int counted = ImageGraph.offset(Superblock.LAYOUT, "data_blocks");
        byte[] compressionOnly = {(byte) Features.COMPRESSION.incompat()};
        MemoryDevice device =
                graph.with(
                        List.of(
                                new Patch(graph.head(), features, compressionOnly),
                                new Patch(graph.head(), counted, new byte[] {1, 0, 0})));
        Images.repair(device, (done, total) -> {});
        assertEquals(List.of(), Trial.withPatience(device::copy).findings());
        assertTrue(saysThatThereAreLines(device), "a repair keeps lines");
    }

    @Test
    void aBookmarkOfASnapshotThatIsGoneCanBeSentFrom() throws IOException {
        GoldenImage golden = new GoldenImage(GoldenImage.DIRECTORY, "v1-bookmarks");
        try (Pool pool = Images.open(golden.image(), OpenOptions.DEFAULTS)) {
            assertEquals(
                    List.of("main#after", "main#gone", "other#taken"),
                    pool.bookmarks().stream().map(each -> each.ref().toString()).sorted().toList());
            BookmarkRef after = BookmarkRef.parse("main#after");
            Ref later = new Ref("main", "later");
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            pool.streams().send(SendRequest.of(later, after), stream);
            assertTrue(stream.size() > 0);
            BookmarkRef before = BookmarkRef.parse("main#gone");
            CowException refused =
                    assertThrows(
                            CowException.class,
                            () ->
                                    pool.streams()
                                            .send(
                                                    SendRequest.of(later, before),
                                                    OutputStream.nullOutputStream()));
            assertTrue(refused.getMessage().contains("set back"), refused.getMessage());
        }
    }

    private static Features features(MemoryDevice device) throws IOException {
        return new ImageGraph(device).superblock().features();
    }

    private static boolean saysThatThereAreLines(MemoryDevice device) throws IOException {
        return (features(device).incompat() & Features.LINES.incompat()) != 0;
    }

    @Test
    void anInterruptedScrubGoesOnAndFinishes() throws IOException {
        GoldenImage golden = new GoldenImage(GoldenImage.DIRECTORY, "v1-interrupted-scrub");
        try (Pool pool = Images.open(golden.image(), OpenOptions.DEFAULTS)) {
            ScrubReport before = pool.scrub();
            assertEquals("stopped", before.state());
            assertTrue(before.verifiedBytes() > 0);
            pool.startScrub(0, false);
            ScrubReport after =
                    Awaitility.await().until(pool::scrub, report -> !report.isRunning());
            assertTrue(after.isFinished() && after.lostCount() == 0, () -> "" + after);
            assertEquals(before.started(), after.started());
            assertTrue(after.verifiedBytes() > before.verifiedBytes());
        }
    }

    @Test
    void everyImageHasItsStory() throws IOException {
        String stories = Files.readString(GoldenImage.DIRECTORY.resolve("README.md"));
        List<GoldenImage> all = GoldenImage.all();
        assertTrue(all.size() >= 13, "images: " + all);
        for (GoldenImage each : all) {
            assertTrue(stories.contains("| `" + each.name() + "` |"), each.name());
        }
    }
}
