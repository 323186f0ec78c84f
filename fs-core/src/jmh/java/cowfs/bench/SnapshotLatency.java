package cowfs.bench;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What snapshots cost a program that waits for its writes: how long a random overwrite of 4 KiB
/// and an fsync of it take on a mount, without a snapshot, with one that was taken just before and
/// is held, and while one is taken each second; and how much the snapshots keep in the end.
///
/// Phases take turns. Each begins without snapshots and with all space reclaimed. The command that
/// mounts is `$COWFS`.
public final class SnapshotLatency {
    private static final int BLOCK_BYTES = 4096;
    private static final int FILE_BLOCKS = 65_536;
    private static final int ROUNDS = 3;
    private static final Pattern FREED = Pattern.compile("\"freed\"\\s*:\\s*(\\d+)");

    private final Path mount;
    private final Random random = new Random(1);
    private int snapshotCount;

    /// What one kind of phase came to.
    private static final class Phase {
        final String name;
        final boolean held;
        final boolean repeated;
        final Samples writes = new Samples();
        final Samples snapshots = new Samples();
        long keptBytes;
        long nanos;

        Phase(String name, boolean held, boolean repeated) {
            this.name = name;
            this.held = held;
            this.repeated = repeated;
        }
    }

    private SnapshotLatency(Path mount) {
        this.mount = mount;
    }

    public static void main(String[] words)
            throws IOException, InterruptedException, ExecutionException {
        Arguments arguments = Arguments.parse(words);
        Duration time = Duration.ofSeconds(arguments.choose(15, 2));
        List<Phase> phases =
                List.of(
                        new Phase("no snapshot", false, false),
                        new Phase("one taken just before", true, false),
                        new Phase("one taken each second", true, true));
        Path home = Files.createTempDirectory("cowfs-snapshot-latency");
        Path image = home.resolve("image");
        Path directory = Files.createDirectory(home.resolve("mnt"));
        cowfs("mkfs", "--size", "4G", image.toString());
        cowfs("mount", image.toString(), directory.toString());
        try (Closeable mounted = () -> cowfs("umount", directory.toString());
                FileChannel file =
                        FileChannel.open(
                                directory.resolve("file"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE)) {
            SnapshotLatency bench = new SnapshotLatency(directory);
            bench.fill(file);
            bench.write(file, new Samples(), time);
            for (int round = 0; round < ROUNDS; round++) {
                for (Phase phase : phases) {
                    bench.run(file, phase, time);
                }
            }
        } finally {
            Files.deleteIfExists(image);
            Files.deleteIfExists(directory);
            Files.deleteIfExists(home);
        }
        arguments.publish(report(phases));
    }

    private static Report report(List<Phase> phases) {
        Report report = new Report("4 KiB random overwrite + fsync on a mount");
        for (Phase phase : phases) {
            Report.Row row =
                    report.row()
                            .put("snapshots", phase.name)
                            .put("p50 ms", phase.writes.median() / 1e6)
                            .put("p99 ms", phase.writes.percentile(99) / 1e6)
                            .put("max ms", phase.writes.max() / 1e6)
                            .put("writes", phase.writes.count())
                            .put("a second", phase.writes.count() / (phase.nanos / 1e9));
            if (phase.held) {
                row.put("taken in ms, p50", phase.snapshots.median() / 1e6)
                        .put("cow MiB", phase.keptBytes / 1048576.0 / ROUNDS)
                        .put("cow KiB a write", phase.keptBytes / 1024.0 / phase.writes.count());
            }
        }
        return report;
    }

    private void fill(FileChannel file) throws IOException {
        for (int i = 0; i < FILE_BLOCKS; i += 256) {
            file.write(BenchImage.randomContent(256 * BLOCK_BYTES, i), (long) i * BLOCK_BYTES);
        }
        file.force(true);
    }

    private void run(FileChannel file, Phase phase, Duration time)
            throws IOException, InterruptedException, ExecutionException {
        List<String> taken = new ArrayList<>();
        if (phase.held) {
            taken.add(take(phase.snapshots));
        }
        long start = System.nanoTime();
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<?> snapshots =
                    phase.repeated
                            ? other.submit(takeEachSecond(phase.snapshots, taken, start, time))
                            : null;
            write(file, phase.writes, time);
            if (snapshots != null) {
                snapshots.get();
            }
        }
        phase.nanos += System.nanoTime() - start;
        if (phase.held) {
            phase.keptBytes += keptBytes(taken);
            cowfs(taken, "delete", "--wait", mount.toString());
        }
    }

    private void write(FileChannel file, Samples samples, Duration time) throws IOException {
        ByteBuffer block = BenchImage.randomContent(BLOCK_BYTES, snapshotCount);
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            long at = (long) random.nextInt(FILE_BLOCKS) * BLOCK_BYTES;
            long start = System.nanoTime();
            file.write(block.duplicate(), at);
            file.force(true);
            samples.add(System.nanoTime() - start);
        }
    }

    /// Seen by the other thread through the future.
    private Callable<Void> takeEachSecond(
            Samples samples, List<String> taken, long start, Duration time) {
        return () -> {
            for (long at = 1; at < time.toSeconds(); at++) {
                long left = start + TimeUnit.SECONDS.toNanos(at) - System.nanoTime();
                TimeUnit.NANOSECONDS.sleep(Math.max(0, left));
                taken.add(take(samples));
            }
            return null;
        };
    }

    /// By way of the mount, so that no program has to start.
    private String take(Samples samples) throws IOException {
        String name = "s" + snapshotCount++;
        long start = System.nanoTime();
        Files.createDirectory(mount.resolve(".snapshots").resolve(name));
        samples.add(System.nanoTime() - start);
        return "main@" + name;
    }

    /// What snapshots keep together: each block that one of them has and the subvolume no longer.
    private long keptBytes(List<String> snapshots) throws IOException {
        Matcher freed = FREED.matcher(cowfs(snapshots, "du", "--json", "--if-deleted", mount + ""));
        if (!freed.find()) {
            throw new IOException("'du --if-deleted' told nothing");
        }
        return Long.parseLong(freed.group(1));
    }

    private static String cowfs(String... words) throws IOException {
        return cowfs(List.of(), words);
    }

    private static String cowfs(List<String> more, String... words) throws IOException {
        String command = System.getenv("COWFS");
        if (command == null) {
            throw new IOException("COWFS does not say which command is to be measured");
        }
        List<String> line = new ArrayList<>(List.of(command));
        line.addAll(List.of(words));
        line.addAll(more);
        Process process =
                new ProcessBuilder(line)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(line + " failed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + line, e);
        }
        return out;
    }
}
