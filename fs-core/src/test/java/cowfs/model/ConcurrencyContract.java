package cowfs.model;

import static cowfs.model.VolumeFixture.assertContent;
import static cowfs.model.VolumeFixture.directory;
import static cowfs.model.VolumeFixture.file;
import static cowfs.model.VolumeFixture.name;
import static cowfs.model.VolumeFixture.names;
import static cowfs.model.VolumeFixture.pattern;
import static cowfs.model.VolumeFixture.read;
import static cowfs.model.VolumeFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Volume;
import cowfs.file.Volume.RenameMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Tests with several threads on one volume.
public interface ConcurrencyContract extends VolumeFixture {
    int THREADS = 4;
    long TIMEOUT_SECONDS = 120;

    /// What one of several threads does.
    @FunctionalInterface
    interface Work {
        void run(int thread) throws IOException;
    }

    /// Runs `work` in {@link #THREADS} threads at once and fails with the first failure of any.
    static void together(Work work) {
        List<Future<Object>> running = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                running.add(
                        executor.submit(
                                () -> {
                                    work.run(number);
                                    return number;
                                }));
            }
            for (Future<Object> each : running) {
                each.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (ExecutionException e) {
            throw new AssertionError("a thread failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            running.forEach(each -> each.cancel(true));
            throw new AssertionError("threads hang", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Test
    default void threadsWriteTheirOwnFiles() throws IOException {
        Volume volume = volume();
        together(
                thread -> {
                    long f = file(volume, "f" + thread);
                    for (int i = 0; i < 100; i++) {
                        write(volume, f, i * 5000L, pattern(thread * 1000L + i, 5000));
                        if (i % 25 == 0) {
                            volume.fsync(f, false);
                        }
                    }
                });
        Volume again = reopen();
        for (int thread = 0; thread < THREADS; thread++) {
            byte[] expected = new byte[500_000];
            for (int i = 0; i < 100; i++) {
                System.arraycopy(pattern(thread * 1000L + i, 5000), 0, expected, i * 5000, 5000);
            }
            assertContent(again, again.lookup(ROOT, name("f" + thread)).inode(), expected);
        }
    }

    @Test
    default void threadsWriteNeighbouringRangesOfOneFile() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        int piece = 1000;
        together(
                thread -> {
                    for (int i = thread; i < 400; i += THREADS) {
                        write(volume, f, (long) i * piece, pattern(i, piece));
                    }
                });
        byte[] expected = new byte[400 * piece];
        for (int i = 0; i < 400; i++) {
            System.arraycopy(pattern(i, piece), 0, expected, i * piece, piece);
        }
        assertContent(volume, f, expected);
        assertContent(reopen(), f, expected);
    }

    @Test
    default void threadsCreateAndRemoveInOneDirectory() throws IOException {
        Volume volume = volume();
        together(
                thread -> {
                    for (int i = 0; i < 300; i++) {
                        String name = thread + "-" + i;
                        file(volume, name);
                        if (i % 2 == 1) {
                            volume.unlink(ROOT, name(name));
                        }
                    }
                });
        assertEquals(THREADS * 150, names(volume, ROOT).size());
        assertEquals(THREADS * 150, reopen().getAttributes(ROOT).sizeBytes());
    }

    @Test
    default void oneOfManyCreatorsOfANameWins() throws IOException {
        Volume volume = volume();
        AtomicInteger winners = new AtomicInteger();
        together(
                thread -> {
                    for (int i = 0; i < 200; i++) {
                        try {
                            file(volume, "f" + i);
                            winners.incrementAndGet();
                        } catch (CowException e) {
                            assertEquals(ErrorKind.EXISTS, e.kind());
                        }
                    }
                });
        assertEquals(200, winners.get());
        assertEquals(200, names(volume, ROOT).size());
    }

    @Test
    default void renamesAcrossDirectoriesLoseNothing() throws IOException {
        Volume volume = volume();
        long[] directories = new long[THREADS];
        for (int i = 0; i < THREADS; i++) {
            directories[i] = directory(volume, ROOT, "d" + i);
            file(volume, directories[i], "f" + i);
        }
        together(
                thread -> {
                    for (int i = 0; i < 200; i++) {
                        long from = directories[(thread + i) % THREADS];
                        long to = directories[(thread + i + 1) % THREADS];
                        byte[] name = name("f" + thread);
                        volume.rename(from, name, to, name, RenameMode.REPLACE);
                    }
                });
        int found = 0;
        for (long directory : directories) {
            found += names(volume, directory).size();
        }
        assertEquals(THREADS, found);
    }

    @Test
    default void oppositeDirectoryMovesMakeNoLoop() throws IOException {
        Volume volume = volume();
        long a = directory(volume, ROOT, "a");
        long b = directory(volume, ROOT, "b");
        together(
                thread -> {
                    for (int i = 0; i < 200; i++) {
                        long from = thread % 2 == 0 ? a : b;
                        byte[] name = name(thread % 2 == 0 ? "b" : "a");
                        try {
                            volume.rename(ROOT, name, from, name, RenameMode.REPLACE);
                            volume.rename(from, name, ROOT, name, RenameMode.REPLACE);
                        } catch (CowException e) {
                            if (e.kind() != ErrorKind.NOT_FOUND && e.kind() != ErrorKind.INVALID) {
                                throw e;
                            }
                        }
                    }
                });
        for (long directory : new long[] {a, b}) {
            long at = directory;
            for (int steps = 0; at != ROOT; steps++) {
                at = volume.getParent(at);
                if (steps > 2) {
                    fail("a directory lies below itself");
                }
            }
        }
    }

    @Test
    default void aReaderSeesEachBlockWholeWhileItIsOverwritten() throws IOException {
        Volume volume = volume();
        long f = file(volume, "f");
        byte[][] versions = new byte[20][];
        for (int i = 0; i < versions.length; i++) {
            versions[i] = new byte[8 * BLOCK];
            Arrays.fill(versions[i], (byte) (i + 1));
        }
        write(volume, f, 0, versions[0]);
        together(
                thread -> {
                    for (int i = 0; i < 300; i++) {
                        if (thread == 0) {
                            write(volume, f, 0, versions[i % versions.length]);
                        } else {
                            long block = i % 8;
                            byte[] seen = read(volume, f, block * BLOCK, BLOCK);
                            byte[] expected = new byte[BLOCK];
                            Arrays.fill(expected, seen[0]);
                            if (seen[0] == 0 || !Arrays.equals(expected, seen)) {
                                fail("a block holds bytes of two writes");
                            }
                        }
                    }
                });
    }
}
