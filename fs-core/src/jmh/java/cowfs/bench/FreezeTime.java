package cowfs.bench;

import cowfs.file.AttributeChange;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/// How long operations of another thread are held up while much unsynced data is committed.
///
/// One thread changes an attribute of one inode again and again; meanwhile a sync makes durable
/// what was written before. All that may stop the operations is the freeze, which should not depend
/// on how much is committed. The same with nothing to commit tells what the machine itself does.
public final class FreezeTime {
    private static final int KIB = 1024;

    public static void main(String[] words)
            throws IOException, InterruptedException, ExecutionException {
        Arguments arguments = Arguments.parse(words);
        int rounds = arguments.choose(5, 2);
        int[] sizesMib = {0, 1, 64, arguments.choose(1024, 128)};
        Report report = new Report("Operations while a sync commits");
        try (BenchImage image = BenchImage.create(16L << 30, Duration.ofHours(1))) {
            for (int mib : sizesMib) {
                Samples operations = new Samples();
                Samples syncs = new Samples();
                for (int round = 0; round < rounds; round++) {
                    measure(image, mib, operations, syncs);
                }
                report.row()
                        .put("dirty MiB", (long) mib)
                        .put("sync ms, median", millis(syncs.median()))
                        .put("operations", (long) operations.count())
                        .put("operation us, median", operations.median() / 1e3)
                        .put("p99.9 us", operations.percentile(99.9) / 1e3)
                        .put("max ms", millis(operations.max()));
            }
        }
        arguments.publish(report);
    }

    private static void measure(BenchImage image, int mib, Samples operations, Samples syncs)
            throws IOException, InterruptedException, ExecutionException {
        Volume volume = image.volume();
        byte[] name = BenchImage.name("dirty", syncs.count());
        long file = BenchImage.createFile(volume, Volume.ROOT_INODE, name);
        long probed =
                BenchImage.createFile(
                        volume, Volume.ROOT_INODE, BenchImage.name("probed", syncs.count()));
        image.pool().sync();
        ByteBuffer content = BenchImage.randomContent(128 * KIB, 1);
        if (mib > 0) {
            BenchImage.writeSequentially(volume, file, (long) mib * KIB * KIB, content);
        }
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch running = new CountDownLatch(1);
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Samples> probing = executor.submit(() -> probe(volume, probed, running, over));
            running.await();
            long start = System.nanoTime();
            image.pool().sync();
            syncs.add(System.nanoTime() - start);
            over.set(true);
            operations.addAll(probing.get());
        }
        volume.unlink(Volume.ROOT_INODE, name);
        volume.unlink(Volume.ROOT_INODE, BenchImage.name("probed", syncs.count() - 1));
        image.pool().sync();
    }

    private static Samples probe(
            Volume volume, long inode, CountDownLatch running, AtomicBoolean over)
            throws IOException {
        Samples samples = new Samples();
        for (int i = 0; !over.get(); i++) {
            long start = System.nanoTime();
            volume.setAttributes(inode, AttributeChange.ofMode(0600 | i & 077));
            samples.add(System.nanoTime() - start);
            running.countDown();
        }
        return samples;
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    private FreezeTime() {}
}
