package cowfs.bench;

import cowfs.api.Pool;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.file.Volume;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// What compression costs and saves: writing a file in pieces of 1 MiB until it is durable, reading
/// it from a cold cache from its beginning to its end and 4 KiB at random places, for content that
/// can be compressed (shared libraries of this machine) and content that can't (random bytes).
///
/// Each choice is measured in turn, round after round, so that what else the machine does meets all
/// of them alike.
public final class CompressionCost {
    private static final int PIECE = 1 << 20;
    private static final int ROUNDS = 5;
    private static final List<String> CHOICES = List.of("off", "lz4", "zstd:1", "zstd:3", "zstd:9");

    public static void main(String[] words) throws IOException {
        Arguments arguments = Arguments.parse(words);
        int pieces = arguments.choose(128, 8);
        int rounds = arguments.choose(ROUNDS, 1);
        Report report = new Report("Compression, " + pieces + " MiB");
        measure(report, "libraries", libraries(pieces), rounds);
        ByteBuffer random = BenchImage.randomContent(PIECE * pieces, 3);
        measure(report, "random", random, rounds);
        arguments.publish(report);
    }

    private static ByteBuffer libraries(int pieces) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(PIECE * pieces);
        try (Stream<Path> all = Files.walk(Path.of(System.getProperty("java.home"), "lib"))) {
            for (Path each : all.filter(Files::isRegularFile).sorted().toList()) {
                try (InputStream in = Files.newInputStream(each)) {
                    int count = in.read(content.array(), content.position(), content.remaining());
                    content.position(content.position() + Math.max(0, count));
                }
                if (!content.hasRemaining()) {
                    break;
                }
            }
        }
        if (content.hasRemaining()) {
            throw new IOException("the JDK's lib directory has less than " + pieces + " MiB");
        }
        return content.flip();
    }

    private static void measure(Report report, String name, ByteBuffer content, int rounds)
            throws IOException {
        Samples[][] times = new Samples[CHOICES.size()][3];
        long[] onDisk = new long[CHOICES.size()];
        for (Samples[] each : times) {
            for (int i = 0; i < each.length; i++) {
                each[i] = new Samples();
            }
        }
        for (int round = 0; round < rounds; round++) {
            for (int choice = 0; choice < CHOICES.size(); choice++) {
                onDisk[choice] = run(CHOICES.get(choice), content, times[choice], round);
            }
        }
        double bytes = content.remaining();
        for (int choice = 0; choice < CHOICES.size(); choice++) {
            Samples[] each = times[choice];
            report.row()
                    .put("content", name)
                    .put("compress", CHOICES.get(choice))
                    .put("ratio", bytes / onDisk[choice])
                    .put("write MB/s", bytes * 1e3 / each[0].median())
                    .put("write x off", (double) times[0][0].median() / each[0].median())
                    .put("read MB/s", bytes * 1e3 / each[1].median())
                    .put("read x off", (double) times[0][1].median() / each[1].median())
                    .put("random 4 KiB us", each[2].median() / 1e3)
                    .put("random x off", (double) times[0][2].median() / each[2].median());
        }
    }

    /// @return bytes on disk
    private static long run(String choice, ByteBuffer content, Samples[] times, int round)
            throws IOException {
        try (BenchImage image = BenchImage.create(2L << 30, Duration.ofSeconds(5))) {
            Pool pool = image.pool();
            pool.setProperty(Ref.MAIN, Property.COMPRESS, choice);
            Volume volume = image.volume();
            long file =
                    BenchImage.createFile(
                            volume, Volume.ROOT_INODE, BenchImage.name("file-", round));
            long start = System.nanoTime();
            for (int at = 0; at < content.limit(); at += PIECE) {
                volume.write(file, at, content.slice(at, PIECE));
            }
            pool.sync();
            times[0].add(System.nanoTime() - start);
            long onDisk = volume.getAttributes(file).blockCount() * 512;
            image.reopen();
            volume = image.volume();
            ByteBuffer target = ByteBuffer.allocateDirect(PIECE);
            start = System.nanoTime();
            for (int at = 0; at < content.limit(); at += PIECE) {
                volume.read(file, at, target.clear());
            }
            times[1].add(System.nanoTime() - start);
            Random random = new Random(round);
            target.limit(4096);
            for (int i = 0; i < 1000; i++) {
                long at = random.nextInt(content.limit() / 4096) * 4096L;
                start = System.nanoTime();
                volume.read(file, at, target.clear().limit(4096));
                times[2].add(System.nanoTime() - start);
            }
            return onDisk;
        }
    }

    private CompressionCost() {}
}
