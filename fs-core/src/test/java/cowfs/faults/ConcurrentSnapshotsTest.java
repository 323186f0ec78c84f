package cowfs.faults;

import static cowfs.model.VolumeFixture.ROOT;
import static cowfs.model.VolumeFixture.name;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.MemoryDevice;
import cowfs.faults.SnapshotHistory.Interval;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.RenameMode;
import cowfs.file.Volume.XattrMode;
import cowfs.model.ConcurrencyContract;
import cowfs.model.VolumeFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Threads that change one directory and one file while snapshots of them are taken: each snapshot
/// is a state between operations, of all threads together.
///
/// Operation i of a thread is one of four, by i modulo 4: it writes its blocks of the shared file,
/// renames its name, sets its extended attribute, or makes a file; each leaves the number i. So a
/// snapshot tells how many operations of each thread it holds, and whether the last one is whole.
final class ConcurrentSnapshotsTest {
    private static final int WRITERS = ConcurrencyContract.THREADS - 1;
    private static final int KINDS = 4;
    private static final int OPERATIONS = 400;
    private static final int SNAPSHOTS = 25;
    private static final int WRITE_BYTES = 3 * 4096;

    /// Does operation `i` of a thread.
    @FunctionalInterface
    private interface Operation {
        void run(Volume volume, long file, int thread, int i) throws IOException;
    }

    private static void operate(Volume volume, long file, int thread, int i) throws IOException {
        switch (i % KINDS) {
            case 0 -> {
                byte[] content = new byte[WRITE_BYTES];
                ByteBuffer numbers = ByteBuffer.wrap(content);
                while (numbers.hasRemaining()) {
                    numbers.putInt(i);
                }
                volume.write(file, (long) thread * WRITE_BYTES, ByteBuffer.wrap(content));
            }
            case 1 -> {
                byte[] from = name("r" + thread + "." + Math.max(0, i - KINDS));
                byte[] to = name("r" + thread + "." + i);
                volume.rename(ROOT, from, ROOT, to, RenameMode.NO_REPLACE);
            }
            case 2 -> {
                byte[] value = ByteBuffer.allocate(4).putInt(i).array();
                volume.setXattr(file, name("user." + thread), value, XattrMode.CREATE_OR_REPLACE);
            }
            default ->
                    volume.create(ROOT, name("c" + thread + "." + i), NewInode.regular(0644, 0, 0));
        }
    }

    /// How many operations of a thread a snapshot holds; fails if it holds half of one, or one
    /// without the one before.
    private static int count(String snapshot, Volume volume, int thread) throws IOException {
        long file = volume.lookup(ROOT, name("shared")).inode();
        byte[] content = VolumeFixture.read(volume, file, (long) thread * WRITE_BYTES, WRITE_BYTES);
        int[] last = new int[KINDS];
        last[0] = ByteBuffer.wrap(content).getInt();
        for (int at = 0; at < WRITE_BYTES; at += 4) {
            assertEquals(last[0], ByteBuffer.wrap(content).getInt(at), snapshot + ": half a write");
        }
        int renamed = 0;
        int created = 0;
        for (String each : VolumeFixture.names(volume, ROOT)) {
            if (each.startsWith("r" + thread + ".")) {
                renamed++;
                last[1] = Integer.parseInt(each.substring(each.indexOf('.') + 1));
            } else if (each.startsWith("c" + thread + ".")) {
                created++;
                last[3] =
                        Math.max(last[3], Integer.parseInt(each.substring(each.indexOf('.') + 1)));
            }
        }
        assertEquals(1, renamed, snapshot + ": half a rename");
        assertEquals(last[3] / KINDS + (last[3] == 0 ? 0 : 1), created, snapshot + ": a lost file");
        for (byte[] each : volume.listXattrs(file)) {
            if (Arrays.equals(each, name("user." + thread))) {
                last[2] = ByteBuffer.wrap(volume.getXattr(file, each)).getInt();
            }
        }
        int count = Arrays.stream(last).max().orElseThrow();
        for (int kind = 0; kind < KINDS; kind++) {
            int want = count - Math.floorMod(count - kind, KINDS);
            assertEquals(
                    Math.max(0, want), last[kind], snapshot + ": operation out of order, " + count);
        }
        return count;
    }

    /// Runs writers and a snapshooter, and checks every snapshot.
    private static void run(FormatOptions options, Operation operation) throws IOException {
        MemoryDevice device = new MemoryDevice(options.sizeBytes());
        Images.format(device, options);
        SnapshotHistory history = new SnapshotHistory(WRITERS);
        List<Interval> snapshots = new ArrayList<>();
        AtomicLong clock = new AtomicLong();
        AtomicInteger running = new AtomicInteger(WRITERS);
        // so that writers never end before snapshots were taken among their operations
        CountDownLatch some = new CountDownLatch(2);
        OpenOptions open = new OpenOptions(false, 1 << 20, Duration.ofMillis(20));
        try (Pool pool = Images.open(new KeptOpen(device), open)) {
            Volume main = pool.volume(Ref.MAIN);
            long file = VolumeFixture.file(main, "shared");
            VolumeFixture.write(main, file, 0, new byte[WRITERS * WRITE_BYTES]);
            for (int thread = 0; thread < WRITERS; thread++) {
                VolumeFixture.file(main, "r" + thread + ".0");
            }
            ConcurrencyContract.together(
                    thread -> {
                        if (thread == WRITERS) {
                            while (running.get() > 0 && snapshots.size() < SNAPSHOTS) {
                                long called = clock.incrementAndGet();
                                pool.snapshot(Ref.parse("main@s" + snapshots.size()));
                                snapshots.add(new Interval(called, clock.incrementAndGet()));
                                some.countDown();
                            }
                            return;
                        }
                        for (int i = 1; i <= OPERATIONS; i++) {
                            if (i == OPERATIONS / 2) {
                                await().until(() -> some.getCount() == 0);
                            }
                            long called = clock.incrementAndGet();
                            operation.run(main, file, thread, i);
                            history.add(thread, called, clock.incrementAndGet());
                        }
                        running.decrementAndGet();
                    });
            assertTrue(snapshots.size() > 1, "hardly any snapshot was taken meanwhile");
            for (int i = 0; i < snapshots.size(); i++) {
                Volume snapshot = pool.volume(Ref.parse("main@s" + i));
                int[] counts = new int[WRITERS];
                for (int thread = 0; thread < WRITERS; thread++) {
                    counts[thread] = count("s" + i, snapshot, thread);
                }
                history.check("s" + i, snapshots.get(i), counts);
            }
        }
        assertEquals(List.of(), Images.check(device, (done, total) -> {}).findings());
    }

    @ParameterizedTest
    @CsvSource({"4096, 1", "8192, 2", "65536, 2"})
    void aSnapshotIsAStateBetweenOperations(int nodeBytes, int copies) throws IOException {
        run(new FormatOptions(64L << 20, nodeBytes, copies, ""), ConcurrentSnapshotsTest::operate);
    }

    /// The test of this test: a volume that does the operations of one kind three operations late.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aVolumeThatIsLateIsFound(int lateKind) {
        FormatOptions options = new FormatOptions(64L << 20, 4096, 1, "");
        Operation lateOne =
                (volume, file, thread, i) -> {
                    if (i % KINDS != lateKind) {
                        operate(volume, file, thread, i);
                    }
                    int late = i - (KINDS - 1);
                    if (late > 0 && late % KINDS == lateKind) {
                        operate(volume, file, thread, late);
                    }
                };
        AssertionError found = assertThrows(AssertionError.class, () -> run(options, lateOne));
        String message = String.valueOf(found.getMessage());
        assertTrue(message.matches("(?s)(snapshot )?s\\d+[:,].*"), message);
    }
}
