package cowfs.bench;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The time to snapshot, clone and delete a clean subvolume, for subvolumes of very different size
/// in one image. It should be the same for all of them: a snapshot is a new name for a root.
///
/// The subvolumes take turns, so that what else the machine does hits all of them alike. The space
/// of what was deleted comes back before the next turn.
public final class SnapshotTime {
    private static final int KIB = 1024;
    private static final int WARM_UP = 5;

    /// A subvolume and what was measured on it, in nanoseconds.
    private record Subject(
            String name, String content, Samples snapshot, Samples cloned, Samples delete) {
        Subject(String name, String content) {
            this(name, content, new Samples(), new Samples(), new Samples());
        }
    }

    public static void main(String[] words) throws IOException {
        Arguments arguments = Arguments.parse(words);
        int rounds = arguments.choose(30, 5);
        int bigMib = arguments.choose(1024, 64);
        int fileCount = arguments.choose(100_000, 5_000);
        List<Subject> subjects = new ArrayList<>();
        try (BenchImage image = BenchImage.create(8L << 30, Duration.ofSeconds(5))) {
            Pool pool = image.pool();
            subjects.add(new Subject("small", "1 file of 1 MiB"));
            stream(fresh(pool, "small"), 1);
            subjects.add(new Subject("big", "1 file of " + bigMib + " MiB"));
            stream(fresh(pool, "big"), bigMib);
            subjects.add(new Subject("many", fileCount + " files of 1 KiB"));
            files(fresh(pool, "many"), fileCount);
            pool.sync();
            for (int round = -WARM_UP; round < rounds; round++) {
                for (Subject subject : subjects) {
                    measure(pool, subject, round);
                }
            }
        }
        Report report = new Report("Snapshot, clone and delete of a clean subvolume");
        for (Subject subject : subjects) {
            report.row()
                    .put("subvolume", subject.content)
                    .put("snapshot ms, median", millis(subject.snapshot.median()))
                    .put("p90", millis(subject.snapshot.percentile(90)))
                    .put("clone ms, median", millis(subject.cloned.median()))
                    .put("delete ms, median", millis(subject.delete.median()))
                    .put("rounds", subject.snapshot.count());
        }
        arguments.publish(report);
    }

    private static void measure(Pool pool, Subject subject, int round) throws IOException {
        Ref snapshot = new Ref(subject.name, "taken");
        Ref clone = new Ref(subject.name + "-clone", null);
        long start = System.nanoTime();
        pool.snapshot(snapshot);
        long taken = System.nanoTime();
        pool.cloneSubvolume(snapshot, clone.subvolume());
        long cloneEnd = System.nanoTime();
        pool.delete(List.of(snapshot));
        long deleted = System.nanoTime();
        pool.delete(List.of(clone));
        pool.awaitReclaim();
        if (round >= 0) {
            subject.snapshot.add(taken - start);
            subject.cloned.add(cloneEnd - taken);
            subject.delete.add(deleted - cloneEnd);
        }
    }

    private static Volume fresh(Pool pool, String name) throws IOException {
        return pool.volume(pool.createSubvolume(name).ref());
    }

    private static void stream(Volume volume, int mib) throws IOException {
        long inode = BenchImage.createFile(volume, Volume.ROOT_INODE, BenchImage.name("file", 0));
        BenchImage.writeSequentially(
                volume, inode, (long) mib * KIB * KIB, BenchImage.randomContent(128 * KIB, 1));
    }

    private static void files(Volume volume, int count) throws IOException {
        ByteBuffer content = BenchImage.randomContent(KIB, 2);
        for (int i = 0; i < count; i++) {
            long inode =
                    BenchImage.createFile(volume, Volume.ROOT_INODE, BenchImage.name("file-", i));
            volume.write(inode, 0, content.duplicate());
        }
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    private SnapshotTime() {}
}
