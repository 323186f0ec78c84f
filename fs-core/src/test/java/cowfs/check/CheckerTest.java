package cowfs.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.MemoryDevice;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sound images are clean, whatever was done to them.
final class CheckerTest {
    static CheckResult check(MemoryDevice image) throws IOException {
        return Checker.check(image.copy(), (done, total) -> {});
    }

    static CheckResult assertClean(MemoryDevice image) throws IOException {
        CheckResult result = check(image);
        assertEquals(List.of(), result.findings());
        assertEquals(0, result.findingCount());
        return result;
    }

    @ParameterizedTest
    @CsvSource({"4096,1", "4096,2", "8192,2", "16384,1", "65536,2"})
    void aNewImageIsClean(int nodeBytes, int copies) throws IOException {
        CheckResult result = assertClean(SampleImages.image(nodeBytes, copies, pool -> {}));
        assertEquals(1, result.subvolumeCount());
        assertEquals(1, result.inodeCount());
        assertEquals(0, result.dataBlockCount());
    }

    @ParameterizedTest
    @CsvSource({"4096,1", "4096,2", "8192,2", "16384,1", "65536,2"})
    void anImageWithEverythingIsClean(int nodeBytes, int copies) throws IOException {
        CheckResult result = assertClean(SampleImages.full(nodeBytes, copies));
        assertEquals(4, result.subvolumeCount());
        assertTrue(result.dataBlockCount() > 1000, "data blocks: " + result.dataBlockCount());
    }

    @Test
    void deletedTreesLeaveACleanImageAtEveryStep() throws IOException {
        MemoryDevice image = SampleImages.full(4096, 2);
        for (String ref : List.of("main@one", "clone", "main@two")) {
            image = SampleImages.change(image, pool -> pool.delete(List.of(Ref.parse(ref))));
            assertClean(image);
            image = SampleImages.change(image, Pool::awaitReclaim);
            assertClean(image);
        }
    }

    @Test
    void orphansThatACrashLeftAreNoDamage() throws IOException {
        MemoryDevice[] crashed = new MemoryDevice[1];
        MemoryDevice image = SampleImages.image(4096, 2, pool -> {});
        MemoryDevice device = image.copy();
        try (Pool pool = cowfs.api.Images.open(device, cowfs.api.OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            long inode =
                    SampleImages.write(
                            main,
                            Volume.ROOT_INODE,
                            SampleImages.name("held"),
                            new Random(1),
                            100_000);
            main.hold(inode);
            main.unlink(Volume.ROOT_INODE, SampleImages.name("held"));
            pool.sync();
            crashed[0] = device.copy();
        }
        assertClean(crashed[0]);
        assertClean(device.copy());
    }

    @Test
    void progressRisesToTheTotal() throws IOException {
        long[] last = new long[2];
        Checker.check(
                SampleImages.full(8192, 2),
                (done, total) -> {
                    assertTrue(done >= last[0] && done <= total, done + " of " + total);
                    last[0] = done;
                    last[1] = total;
                });
        assertEquals(last[1], last[0]);
        assertTrue(last[0] > 0);
    }
}
