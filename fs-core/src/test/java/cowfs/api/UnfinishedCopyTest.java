package cowfs.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.check.SampleImages;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Snapshots that were taken while a directory was copied hold a part of the copy, which nobody
/// finishes: what becomes of it when the snapshot becomes a subvolume again.
@Timeout(120)
final class UnfinishedCopyTest {
    private static final int FILES = 30_000;
    private static final OpenOptions OPTIONS = new OpenOptions(false, 8 << 20, Duration.ZERO);
    private static final FilePath SOURCE = FilePath.of("/source");

    private MemoryDevice device = new MemoryDevice(256L << 20);
    private int copyCount;

    private Pool open() throws IOException {
        device = device.copy(); // the last one was closed
        return Images.open(device, OPTIONS);
    }

    private void makeSource() throws IOException {
        Images.format(device, new FormatOptions(device.sizeBytes(), 4096, 1, "copies"));
        try (Pool pool = open()) {
            Volume main = pool.volume(Ref.MAIN);
            long source = SampleImages.makeDirectory(main, Volume.ROOT_INODE, bytes("source"));
            for (int i = 0; i < FILES; i++) {
                main.create(source, bytes("file " + i), NewInode.regular(0644, 1, 1));
            }
        }
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> names(Volume volume) throws IOException {
        List<String> names = new ArrayList<>();
        volume.readDirectory(
                Volume.ROOT_INODE,
                2,
                (name, inode, type, cookie) -> names.add(new String(name, StandardCharsets.UTF_8)));
        return names;
    }

    private static boolean hasPart(Volume volume) throws IOException {
        return names(volume).stream().anyMatch(name -> name.startsWith(".cowfs-copy-"));
    }

    /// Copies until a snapshot was taken in the middle of it.
    ///
    /// @return the copy, which may still go on
    private CompletableFuture<CopyReport> snapshotWithinACopy(Pool pool, Ref snapshot)
            throws IOException {
        while (true) {
            FilePath to = FilePath.of("/copy" + copyCount++);
            CompletableFuture<CopyReport> copy =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return pool.copy(Ref.MAIN, SOURCE, Ref.MAIN, to);
                                } catch (IOException failed) {
                                    throw new UncheckedIOException(failed);
                                }
                            });
            while (!copy.isDone()) {
                pool.snapshot(snapshot);
                if (hasPart(pool.volume(snapshot))) {
                    return copy;
                }
                pool.delete(List.of(snapshot));
            }
        }
    }

    private static void assertWhole(Pool pool, Ref live) throws IOException {
        assertFalse(hasPart(pool.volume(live)), names(pool.volume(live)) + "");
        assertTrue(names(pool.volume(live)).contains("source"));
        FilePlace source = new FilePlace(live, SOURCE);
        assertEquals(FILES, pool.pathUsage(List.of(source)).getFirst().files());
    }

    private void assertClean() throws IOException {
        assertEquals(List.of(), Images.check(device.copy(), (done, total) -> {}).findings());
    }

    @Test
    void aRollbackRemovesThePartOfACopyThatTheSnapshotHas() throws Exception {
        makeSource();
        Ref snapshot = Ref.parse("main@within");
        try (Pool pool = open()) {
            assertEquals(FILES + 1, snapshotWithinACopy(pool, snapshot).get().names());
            pool.rollback(snapshot, null);
            assertWhole(pool, Ref.MAIN);
            pool.snapshot(Ref.parse("main@after"));
            assertFalse(hasPart(pool.volume(Ref.parse("main@after"))));
            assertTrue(hasPart(pool.volume(snapshot)), "a snapshot stays what it is");
            pool.cloneSubvolume(snapshot, "clone");
            assertWhole(pool, Ref.parse("clone"));
        }
        assertClean();
        try (Pool pool = open()) {
            assertWhole(pool, Ref.MAIN);
        }
    }

    @Test
    void aRollbackEndsACopyThatIsUnderWayAndRemovesAllOfIt() throws Exception {
        makeSource();
        Ref snapshot = Ref.parse("main@within");
        Ref kept = Ref.parse("main@kept");
        try (Pool pool = open()) {
            CompletableFuture<CopyReport> copy = snapshotWithinACopy(pool, snapshot);
            pool.rollback(snapshot, kept);
            assertWhole(pool, Ref.MAIN);
            try {
                copy.get(); // it was fast enough
            } catch (ExecutionException ended) {
                CowException why = (CowException) ended.getCause().getCause();
                assertEquals(ErrorKind.STALE, why.kind(), why.getMessage());
            }
            assertWhole(pool, Ref.MAIN);
            pool.rollback(kept, null);
            assertWhole(pool, Ref.MAIN);
        }
        assertClean();
    }
}
