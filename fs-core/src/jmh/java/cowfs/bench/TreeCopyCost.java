package cowfs.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.CountingDevice.Counts;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import java.io.IOException;
import java.time.Duration;

/// How long a copy of a directory tree takes that shares all content, for trees of different size:
/// until it is durable, and in entries a second.
public final class TreeCopyCost {
    private static final int ROUNDS = 5;

    public static void main(String[] words) throws IOException {
        Arguments arguments = Arguments.parse(words);
        int most = arguments.choose(340_000, 10_000);
        Report report = new Report("Copy of a tree by sharing");
        measure(report, most / 10, 1024);
        measure(report, most, 1024);
        measure(report, most, 8192);
        arguments.publish(report);
    }

    private static void measure(Report report, int files, int bytes) throws IOException {
        try (BenchImage image = BenchImage.create(32L << 30, Duration.ofSeconds(5))) {
            Pool pool = image.pool();
            Volume main = image.volume();
            long tree =
                    BenchImage.createDirectory(main, Volume.ROOT_INODE, "tree".getBytes(US_ASCII));
            BenchImage.createFiles(main, tree, files, bytes);
            pool.snapshot(Ref.parse("main@before"));
            Samples times = new Samples();
            Counts before = image.counts();
            long names = 0;
            for (int i = 0; i < ROUNDS; i++) {
                long start = System.nanoTime();
                names =
                        pool.copy(
                                        Ref.parse("main@before"),
                                        FilePath.of("/tree"),
                                        Ref.MAIN,
                                        FilePath.of("/copy" + i))
                                .names();
                times.add(System.nanoTime() - start);
            }
            long written = image.counts().writtenBytes() - before.writtenBytes();
            report.row()
                    .put("names", names)
                    .put("bytes of a file", bytes)
                    .put("s, median", times.median() / 1e9)
                    .put("s, least", times.percentile(0) / 1e9)
                    .put("names a second, median", names * 1e9 / times.median())
                    .put("bytes written a name", written / ROUNDS / names);
        }
    }

    private TreeCopyCost() {}
}
