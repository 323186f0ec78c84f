package cowfs.bench;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.file.Volume;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How fast a snapshot is sent through a pipe, beside `cat` of a file with the same stream through
/// a pipe, and how soon the first byte of an increment comes from a snapshot of many files.
///
/// The two take turns. Both read from the host's page cache, and both end in a `cat` that drops
/// what it gets.
public final class SendSpeed {
    private static final int KIB = 1024;
    private static final int MIB = 1 << 20;
    private static final int CHANGED_FILES = 10;

    private SendSpeed() {}

    public static void main(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words);
        int rounds = arguments.choose(9, 3);
        int sizeMib = arguments.choose(1024, 128);
        int fileCount = arguments.choose(1_000_000, 20_000);
        Path stream = Files.createTempFile("stream", ".cowfs");
        try (BenchImage image = BenchImage.create(8L << 30, Duration.ofSeconds(5))) {
            Pool pool = image.pool();
            Volume large = pool.volume(Ref.MAIN);
            long inode =
                    BenchImage.createFile(large, Volume.ROOT_INODE, BenchImage.name("file", 0));
            BenchImage.writeSequentially(
                    large, inode, (long) sizeMib * MIB, BenchImage.randomContent(128 * KIB, 1));
            pool.snapshot(Ref.parse("main@large"));
            Report report =
                    new Report("Sending a file through a pipe, and an increment of a few files");
            speed(report, pool, stream, rounds);
            delay(report, pool, fileCount, rounds);
            arguments.publish(report);
        } finally {
            Files.deleteIfExists(stream);
        }
    }

    private static void speed(Report report, Pool pool, Path stream, int rounds)
            throws IOException, InterruptedException {
        SendRequest request = SendRequest.of(Ref.parse("main@large"));
        try (OutputStream file = Files.newOutputStream(stream)) {
            pool.streams().send(request, file);
        }
        double mib = Files.size(stream) / (double) MIB;
        Samples cat = new Samples();
        Samples send = new Samples();
        for (int round = -2; round < rounds; round++) {
            long start = System.nanoTime();
            for (Process each :
                    ProcessBuilder.startPipeline(
                            List.of(new ProcessBuilder("cat", stream.toString()), dropping()))) {
                each.waitFor();
            }
            long copied = System.nanoTime();
            Process drop = dropping().start();
            try (OutputStream pipe = drop.getOutputStream()) {
                pool.streams().send(request, pipe);
            }
            drop.waitFor();
            long sent = System.nanoTime();
            if (round >= 0) {
                cat.add(copied - start);
                send.add(sent - copied);
            }
        }
        report.row()
                .put("MiB", mib)
                .put("cat MiB/s, median", mib / (cat.median() / 1e9))
                .put("send MiB/s, median", mib / (send.median() / 1e9))
                .put("send / cat", (double) cat.median() / send.median())
                .put("rounds", send.count());
    }

    private static ProcessBuilder dropping() {
        return new ProcessBuilder("cat").redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }

    private static void delay(Report report, Pool pool, int fileCount, int rounds)
            throws IOException {
        Volume many = pool.volume(pool.createSubvolume("many").ref());
        ByteBuffer content = BenchImage.randomContent(100, 2);
        long[] inodes = new long[fileCount];
        for (int i = 0; i < fileCount; i++) {
            inodes[i] = BenchImage.createFile(many, Volume.ROOT_INODE, BenchImage.name("file-", i));
            many.write(inodes[i], 0, content.duplicate());
        }
        pool.snapshot(Ref.parse("many@before"));
        for (int i = 0; i < CHANGED_FILES; i++) {
            many.write(
                    inodes[(int) ((long) i * fileCount / CHANGED_FILES)], 0, content.duplicate());
        }
        pool.snapshot(Ref.parse("many@after"));
        Samples first = new Samples();
        Samples whole = new Samples();
        long[] bytes = new long[1];
        for (int round = -2; round < rounds; round++) {
            long start = System.nanoTime();
            long[] firstAt = new long[1];
            bytes[0] = 0;
            pool.streams()
                    .send(
                            SendRequest.of(Ref.parse("many@after"), Ref.parse("many@before")),
                            new OutputStream() {
                                @Override
                                public void write(int b) {
                                    write(new byte[] {(byte) b}, 0, 1);
                                }

                                @Override
                                public void write(byte[] b, int from, int length) {
                                    firstAt[0] = firstAt[0] == 0 ? System.nanoTime() : firstAt[0];
                                    bytes[0] += length;
                                }
                            });
            if (round >= 0) {
                first.add(firstAt[0] - start);
                whole.add(System.nanoTime() - start);
            }
        }
        report.row()
                .put("files", (long) fileCount)
                .put("changed", (long) CHANGED_FILES)
                .put("bytes", bytes[0])
                .put("first byte ms, median", first.median() / 1e6)
                .put("all ms, median", whole.median() / 1e6)
                .put("rounds", whole.count());
    }
}
