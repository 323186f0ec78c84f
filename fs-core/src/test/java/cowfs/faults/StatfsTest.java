package cowfs.faults;

import static cowfs.model.VolumeFixture.ROOT;
import static cowfs.model.VolumeFixture.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What statfs calls free can be written: as one file to the last byte, and in small files nearly.
/// Each figure is printed.
final class StatfsTest {
    private static final String SHAPES =
            """
            32, 4096, 1
            32, 4096, 2
            32, 8192, 2
            32, 16384, 2
            32, 65536, 1
            32, 65536, 2
            37, 8192, 2
            128, 65536, 2
            256, 16384, 1
            1024, 8192, 2
            1024, 65536, 2
            """;

    private static FullImage image(int sizeMiB, int nodeBytes, int copies) throws IOException {
        return new FullImage(new FormatOptions((long) sizeMiB << 20, nodeBytes, copies, "full"));
    }

    /// Writes exactly what is free as one file, removes it, and returns how much that was.
    private static long fillExactly(FullImage image, String when) throws IOException {
        long free = image.settledFreeBlocks();
        long file = image.create("exactly");
        long bytes = free * FullImage.BLOCK;
        assertEquals(bytes, image.write(file, 0, bytes), when + ": free but not to be had");
        image.main().fsync(file, false);
        image.main().unlink(ROOT, name("exactly"));
        // a group of nodes more or less: 1024 blocks each
        long after = image.settledFreeBlocks();
        assertTrue(
                Math.abs(after - free) <= 2 * 1024,
                () -> when + ": free before " + free + ", after " + after);
        return free;
    }

    @ParameterizedTest
    @CsvSource(textBlock = SHAPES)
    void whatIsFreeCanBeWrittenAsOneFile(int sizeMiB, int nodeBytes, int copies)
            throws IOException {
        try (FullImage image = image(sizeMiB, nodeBytes, copies)) {
            long free = fillExactly(image, "new");
            for (int round = 0; round < 2; round++) {
                fillExactly(image, "again");
            }
            long total = image.main().status().blockCount();
            System.out.printf(
                    "%d MiB, node %d, copies %d: free %.1f%%%n",
                    sizeMiB, nodeBytes, copies, 100.0 * free / total);
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = SHAPES)
    void whatIsFreeCanBeWrittenIntoTheGapsOfOldFiles(int sizeMiB, int nodeBytes, int copies)
            throws IOException {
        Random random = new Random(sizeMiB + nodeBytes + copies);
        try (FullImage image = image(sizeMiB, nodeBytes, copies)) {
            List<String> files = new ArrayList<>();
            for (long left = image.freeBlocks() * 9 / 10; left > 0; ) {
                String file = "f" + files.size();
                int blocks = 1 + random.nextInt(40);
                long inode = image.create(file);
                image.write(inode, 0, (long) blocks * FullImage.BLOCK);
                files.add(file);
                left -= blocks;
            }
            Collections.shuffle(files, random);
            for (String file : files.subList(0, files.size() / 2)) {
                image.main().unlink(ROOT, name(file));
            }
            fillExactly(image, "fragmented");
            fillExactly(image, "fragmented again");
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = SHAPES)
    void whatIsFreeCanNearlyBeWrittenInSmallFiles(int sizeMiB, int nodeBytes, int copies)
            throws IOException {
        try (FullImage image = image(sizeMiB, nodeBytes, copies)) {
            long free = image.settledFreeBlocks();
            long files = 0;
            while (true) {
                String file = "s" + files;
                if (!FullImage.fits(() -> image.create(file))
                        || image.write(
                                        image.main().lookup(ROOT, name(file)).inode(),
                                        0,
                                        FullImage.BLOCK)
                                < FullImage.BLOCK) {
                    break;
                }
                files++;
            }
            double share = (double) files / free;
            System.out.printf(
                    "%d MiB, node %d, copies %d: %d files of 4 KiB, %.1f%% of what was free%n",
                    sizeMiB, nodeBytes, copies, files, 100 * share);
            assertTrue(share > 0.6, () -> "share " + share);
            assertTrue(image.freeBlocks() <= free / 8, "left over: " + image.freeBlocks());
        }
    }
}
