package cowfs.bench;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.CountingDevice.Counts;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/// What it costs to compare two snapshots between which ten files were changed, in subvolumes of
/// very different size: with cold caches and again with what is in memory then. The curve against
/// the number of files stays flat but for the height of the tree; the curve against the number of
/// changes rises with it.
public final class DiffCost {
    private static final int CHANGES = 10;
    private static final int ROUNDS = 20;

    public static void main(String[] words) throws IOException {
        Arguments arguments = Arguments.parse(words);
        int most = arguments.choose(1_000_000, 10_000);
        Report report = new Report("Comparison of two snapshots");
        for (int files = most / 1000; files <= most; files *= 10) {
            measure(report, files, CHANGES);
        }
        measure(report, most, CHANGES * 10);
        measure(report, most, CHANGES * 100);
        arguments.publish(report);
    }

    private static void measure(Report report, int files, int changes) throws IOException {
        try (BenchImage image = BenchImage.create(8L << 30, Duration.ofSeconds(5))) {
            Pool pool = image.pool();
            Volume main = image.volume();
            List<Long> inodes = BenchImage.createFiles(main, Volume.ROOT_INODE, files, 1024);
            pool.snapshot(Ref.parse("main@before"));
            Random random = new Random(1);
            ByteBuffer content = BenchImage.randomContent(1024, 3);
            for (int i = 0; i < changes; i++) {
                main.write(inodes.get(random.nextInt(files)), 0, content.duplicate());
            }
            pool.snapshot(Ref.parse("main@after"));
            image.reopen();
            Counts before = image.counts();
            long cold = diff(image.pool());
            long reads = image.counts().reads() - before.reads();
            Samples warm = new Samples();
            for (int i = 0; i < ROUNDS; i++) {
                warm.add(diff(image.pool()));
            }
            report.row()
                    .put("files", files)
                    .put("changes", changes)
                    .put("reads, cold", reads)
                    .put("ms, cold", cold / 1e6)
                    .put("ms, warm, median", warm.median() / 1e6);
        }
    }

    private static long diff(Pool pool) throws IOException {
        long start = System.nanoTime();
        BenchImage.diff(pool, Ref.parse("main@before"), Ref.parse("main@after"));
        return System.nanoTime() - start;
    }

    private DiffCost() {}
}
