package cowfs.bench;

import cowfs.api.FormatOptions;
import cowfs.device.CountingDevice.Counts;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What it costs to visit every file of an image that has just been opened, with cold caches, for
/// each node size: read all directories, then the attributes and the content of each file.
///
/// The other side of {@link WriteCost}: a larger node takes fewer reads. The images take turns.
public final class WalkCost {
    private static final int[] NODE_SIZES = {4096, 8192, 16384};
    private static final int KIB = 1024;
    private static final int DIRECTORIES = 100;
    private static final int ROUNDS = 5;

    /// An image and what walks of it took.
    private record Subject(int nodeSize, BenchImage image, Samples nanos, Samples reads) {}

    public static void main(String[] words) throws IOException {
        Arguments arguments = Arguments.parse(words);
        int fileCount = arguments.choose(100_000, 5_000);
        List<Subject> subjects = new ArrayList<>();
        Report report = new Report("A walk over " + fileCount + " files of 1 KiB, caches cold");
        try {
            for (int nodeSize : NODE_SIZES) {
                FormatOptions format = new FormatOptions(8L << 30, nodeSize, 2, "");
                BenchImage image = BenchImage.create(format, Duration.ofSeconds(5));
                subjects.add(new Subject(nodeSize, image, new Samples(), new Samples()));
                fill(image.volume(), fileCount);
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (Subject subject : subjects) {
                    measure(subject, fileCount);
                }
            }
            for (Subject subject : subjects) {
                Counts counts = subject.image.counts();
                report.row()
                        .put("node", subject.nodeSize)
                        .put("reads", subject.reads.median())
                        .put("MiB read", (double) counts.readBytes() / (KIB * KIB))
                        .put("s, median", subject.nanos.median() / 1e9)
                        .put("s, least", subject.nanos.percentile(0) / 1e9);
            }
        } finally {
            for (Subject subject : subjects) {
                subject.image.close();
            }
        }
        arguments.publish(report);
    }

    private static void fill(Volume volume, int fileCount) throws IOException {
        ByteBuffer content = BenchImage.randomContent(KIB, 1);
        for (int i = 0; i < DIRECTORIES; i++) {
            long directory =
                    BenchImage.createDirectory(
                            volume, Volume.ROOT_INODE, BenchImage.name("directory", i));
            for (int j = 0; j < fileCount / DIRECTORIES; j++) {
                long inode = BenchImage.createFile(volume, directory, BenchImage.name("file-", j));
                volume.write(inode, 0, content.duplicate());
            }
        }
    }

    private static void measure(Subject subject, int fileCount) throws IOException {
        subject.image.reopen();
        Volume volume = subject.image.volume();
        long start = System.nanoTime();
        long found = walk(volume, Volume.ROOT_INODE, ByteBuffer.allocateDirect(4 * KIB));
        subject.nanos.add(System.nanoTime() - start);
        subject.reads.add(subject.image.counts().reads());
        if (found != (long) fileCount * KIB) {
            throw new AssertionError("the walk found " + found + " bytes");
        }
    }

    private static long walk(Volume volume, long directory, ByteBuffer target) throws IOException {
        List<Long> children = new ArrayList<>();
        volume.readDirectory(
                directory,
                0,
                (name, inode, type, cookie) -> {
                    if (name[0] != '.') {
                        children.add(inode);
                    }
                    return true;
                });
        long bytes = 0;
        for (long child : children) {
            Attributes attributes = volume.getAttributes(child);
            bytes +=
                    attributes.isDirectory()
                            ? walk(volume, child, target)
                            : volume.read(child, 0, target.clear());
        }
        return bytes;
    }

    private WalkCost() {}
}
