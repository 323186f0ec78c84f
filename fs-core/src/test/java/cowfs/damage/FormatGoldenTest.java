package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.ScrubReport;
import cowfs.device.MemoryDevice;
import cowfs.file.AttributeChange;
import cowfs.file.Volume;
import java.io.IOException;
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
        assertTrue(all.size() >= 11, "images: " + all);
        for (GoldenImage each : all) {
            assertTrue(stories.contains("| `" + each.name() + "` |"), each.name());
        }
    }
}
