package cowfs.tools.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.damage.DamagedImages;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `extract` from damaged and misleading images: it ends, writes no more than the image holds,
/// leaves nothing behind when it fails, and says what is missing.
final class ExtractDamageTest {
    private static final long SEED = Long.getLong("cowfs.seed", 1);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /// The files of the sample have far less.
    private static final long MOST_BYTES = 4 << 20;

    @TempDir Path directory;

    @Test
    void aSoundImageIsExtractedWhole() throws IOException {
        assertEquals(List.of(), extract(DamagedImages.sound(SEED), "sound"));
    }

    @Test
    void nothingEscapesFromDamagedImages() throws IOException {
        int number = 0;
        for (MemoryDevice image : DamagedImages.mutated(SEED, 150)) {
            String name = "seed " + SEED + " image " + number++;
            assertTimeoutPreemptively(PATIENCE, () -> extract(image, name), name);
        }
    }

    /// A bad extent hid where the data of a file ends, and so all of its size was read.
    @Test
    void aFileOfTebibytesWithABadExtentIsNotReadToItsEnd() throws IOException {
        MemoryDevice image = DamagedImages.endless(4L << 40);
        List<String> missing = assertTimeoutPreemptively(PATIENCE, () -> extract(image, "endless"));
        String told =
                "missing: bytes 0 to [0-9]+ of main:/directory/plain, if there was anything: corrupt"
                        + " content item: tree=16 inode=28 offset=0, length is out of range.*";
        assertTrue(
                missing.stream().anyMatch(line -> line.matches(told)),
                () -> String.join("\n", missing));
    }

    /// Extracts all subvolumes and snapshots.
    ///
    /// @return what was missing or refused
    private List<String> extract(MemoryDevice image, String name) throws IOException {
        List<String> told = new ArrayList<>();
        Missing missing = new Missing(told::add);
        try (Pool pool = Images.openDamaged(image.copy(), missing)) {
            for (Ref ref : pool.list().stream().map(SubvolumeInfo::ref).toList()) {
                Path target = directory.resolve("extracted");
                ImageFiles files = new ImageFiles(pool.volume(ref), missing);
                Extract extract = new Extract(files);
                try {
                    Attributes root = files.volume().getAttributes(Volume.ROOT_INODE);
                    extract.run(root, "/", target);
                    HostFiles.remove(target);
                } catch (CowException refused) {
                    told.add(refused.getMessage());
                }
                assertTrue(extract.byteCount() <= MOST_BYTES, name + " of " + ref);
                try (Stream<Path> left = Files.list(directory)) {
                    assertEquals(List.of(), left.toList(), name + " of " + ref);
                }
            }
        } catch (CowException refused) {
            told.add(refused.getMessage());
        }
        return told;
    }
}
