package cowfs.bench;

import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// How long an fsync of a small append takes, alone and while another thread streams into another
/// file of the same subvolume.
///
/// Phases take turns: without the stream, with it and one fsync after the other, with it and one
/// fsync a second, which finds all that was streamed since the last one. The stream goes round in a
/// file of a fixed size, so that it frees as much as it allocates once it has been round.
public final class FsyncUnderLoad {
    private static final int KIB = 1024;
    private static final long STREAM_BYTES = 512L << 20;
    private static final int PHASES = 4;

    private final Volume volume;
    private final long log;
    private final long stream;
    private final ByteBuffer block = BenchImage.randomContent(4 * KIB, 1);
    private long appended;
    private long streamedBytes;
    private volatile boolean stopping;

    private FsyncUnderLoad(Volume volume) throws IOException {
        this.volume = volume;
        log = BenchImage.createFile(volume, Volume.ROOT_INODE, BenchImage.name("log", 0));
        stream = BenchImage.createFile(volume, Volume.ROOT_INODE, BenchImage.name("stream", 0));
    }

    public static void main(String[] words)
            throws IOException, InterruptedException, ExecutionException {
        Arguments arguments = Arguments.parse(words);
        Duration phase = Duration.ofSeconds(arguments.choose(10, 2));
        Samples idle = new Samples();
        Samples loaded = new Samples();
        Samples rare = new Samples();
        double mibPerSecond;
        try (BenchImage image = BenchImage.create(8L << 30, Duration.ofSeconds(5));
                ExecutorService streamer = Executors.newSingleThreadExecutor()) {
            FsyncUnderLoad load = new FsyncUnderLoad(image.volume());
            load.append(new Samples(), Duration.ofSeconds(2), 0);
            for (int i = 0; i < PHASES; i++) {
                load.append(idle, phase, 0);
                load.stopping = false;
                Future<?> running = streamer.submit(load::stream);
                try {
                    load.append(loaded, phase, 0);
                    load.append(rare, phase, 1_000);
                } finally {
                    load.stopping = true;
                }
                running.get();
                image.pool().sync();
            }
            mibPerSecond =
                    (double) load.streamedBytes / (KIB * KIB) / (2 * PHASES * phase.toSeconds());
        }
        Report report = new Report("4 KiB append + fsync");
        put(report, "idle", idle);
        put(report, "another thread streams 128 KiB writes", loaded)
                .put("stream MiB/s", mibPerSecond);
        put(report, "the same, one fsync a second", rare);
        arguments.publish(report);
    }

    private static Report.Row put(Report report, String what, Samples samples) {
        return report.row()
                .put("machine", what)
                .put("p50 ms", samples.median() / 1e6)
                .put("p99 ms", samples.percentile(99) / 1e6)
                .put("max ms", samples.max() / 1e6)
                .put("fsyncs", samples.count());
    }

    private void append(Samples samples, Duration time, long pauseMillis)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            Thread.sleep(pauseMillis);
            long start = System.nanoTime();
            volume.write(log, appended, block.duplicate());
            volume.fsync(log, false);
            samples.add(System.nanoTime() - start);
            appended += block.capacity();
        }
    }

    /// Runs until told to stop. Seen by the other thread through the future.
    private Void stream() throws IOException {
        ByteBuffer piece = BenchImage.randomContent(128 * KIB, 2);
        for (long at = 0; !stopping; at = (at + piece.capacity()) % STREAM_BYTES) {
            volume.write(stream, at, piece.duplicate());
            streamedBytes += piece.capacity();
        }
        return null;
    }
}
