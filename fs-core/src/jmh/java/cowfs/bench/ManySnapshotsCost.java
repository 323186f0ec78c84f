package cowfs.bench;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.CountingDevice.Counts;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What questions about snapshots cost, and taking and deleting them, as files and snapshots get
/// more. Between two snapshots ten files change, so each snapshot holds as much alone whatever the
/// size of the image: what follows the change stays flat over the rows, what follows the number of
/// snapshots rises with that column alone.
///
/// Each is measured right after the image was opened with empty caches (`cold`, where it says so),
/// or as a median of several.
public final class ManySnapshotsCost {
    private static final int CHANGES = 10;
    private static final int ROUNDS = 9;

    /// Snapshots that are asked for together, as one who wants space does.
    private static final int SET = 10;

    public static void main(String[] words) throws IOException {
        Arguments arguments = Arguments.parse(words);
        int files = arguments.choose(1_000_000, 10_000);
        int snapshots = arguments.choose(1000, 300);
        Report report = new Report("Images of many files and snapshots");
        measure(report, files / 100, snapshots / 10);
        measure(report, files / 100, snapshots);
        measure(report, files / 10, snapshots);
        measure(report, files, snapshots / 10);
        measure(report, files, snapshots);
        arguments.publish(report);
    }

    /// What is measured.
    @FunctionalInterface
    private interface Work {
        void run(int round) throws IOException;
    }

    private static double milliseconds(Work work) throws IOException {
        Samples samples = new Samples();
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            work.run(i);
            samples.add(System.nanoTime() - start);
        }
        return samples.median() / 1e6;
    }

    private static double millisecondsOnce(Work work) throws IOException {
        long start = System.nanoTime();
        work.run(0);
        return (System.nanoTime() - start) / 1e6;
    }

    private static void measure(Report report, int files, int snapshots) throws IOException {
        try (BenchImage image = BenchImage.create(16L << 30, Duration.ofSeconds(5))) {
            fill(image, files, snapshots);
            image.reopen();
            Report.Row row = report.row().put("files", files).put("snapshots", snapshots);
            Pool pool = image.pool();
            Counts before = image.counts();
            row.put("du, cold", millisecondsOnce(_ -> pool.spaceUsage(List.of(ref(0)))));
            row.put("reads", image.counts().reads() - before.reads());
            row.put("list", milliseconds(_ -> pool.list()));
            row.put("du of one", milliseconds(i -> pool.spaceUsage(List.of(ref(i)))));
            row.put("du of all", millisecondsOnce(_ -> pool.spaceUsage(List.of())));
            row.put("if 10 deleted", milliseconds(i -> pool.freedByDeleting(refs(i, SET))));
            row.put("diff", milliseconds(i -> BenchImage.diff(pool, ref(i), ref(i + 1))));
            row.put("snapshot", milliseconds(i -> pool.snapshot(Ref.parse("main@more" + i))));
            row.put("delete", milliseconds(i -> pool.delete(List.of(ref(i)))));
            pool.awaitReclaim();
            row.put(
                    "delete, space back",
                    milliseconds(
                            i -> {
                                pool.delete(List.of(ref(ROUNDS + i)));
                                pool.awaitReclaim();
                            }));
        }
    }

    private static Ref ref(int snapshot) {
        return new Ref("main", "s" + snapshot);
    }

    private static List<Ref> refs(int first, int count) {
        List<Ref> refs = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            refs.add(ref(i));
        }
        return refs;
    }

    private static void fill(BenchImage image, int files, int snapshots) throws IOException {
        Volume volume = image.volume();
        List<Long> inodes = BenchImage.createFiles(volume, Volume.ROOT_INODE, files, 1024);
        ByteBuffer content = BenchImage.randomContent(1024, 3);
        Random random = new Random(1);
        for (int i = 0; i < snapshots; i++) {
            image.pool().snapshot(ref(i));
            for (int change = 0; change < CHANGES; change++) {
                volume.write(inodes.get(random.nextInt(files)), 0, content.duplicate());
            }
        }
    }

    private ManySnapshotsCost() {}
}
