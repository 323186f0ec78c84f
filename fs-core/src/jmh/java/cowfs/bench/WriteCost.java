package cowfs.bench;

import cowfs.api.FormatOptions;
import cowfs.api.Ref;
import cowfs.device.CountingDevice.Counts;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;

/// What the device has to write for what a user writes, for each node size and number of metadata
/// copies.
///
/// Commits are made by count of operations and not by the clock, so that the figures are the same
/// on a slow and on a fast machine: every 20,000 files and every 2,000 overwrites, besides those
/// that the engine starts itself because much is dirty. An fsync is always a commit.
public final class WriteCost {
    private static final int[] NODE_SIZES = {4096, 8192, 16384};
    private static final int KIB = 1024;
    private static final int OVERWRITES_PER_COMMIT = 2_000;
    private static final int FILES_PER_COMMIT = 20_000;

    private final Report report =
            new Report("Bytes written to the device for each byte of the user");
    private final int streamMib;
    private final int fileCount;
    private final int randomMib;
    private final int overwriteCount;
    private final int appendCount;

    private WriteCost(Arguments arguments) {
        streamMib = arguments.choose(1024, 64);
        fileCount = arguments.choose(100_000, 5_000);
        randomMib = arguments.choose(256, 32);
        overwriteCount = arguments.choose(20_000, 2_000);
        appendCount = arguments.choose(500, 50);
    }

    public static void main(String[] words) throws IOException {
        Arguments arguments = Arguments.parse(words);
        WriteCost cost = new WriteCost(arguments);
        for (int nodeSize : NODE_SIZES) {
            for (int copies = 1; copies <= 2; copies++) {
                System.err.println("node size " + nodeSize + ", metadata copies " + copies);
                FormatOptions format = new FormatOptions(8L << 30, nodeSize, copies, "");
                cost.stream(format);
                cost.files(format, 1);
                cost.files(format, 100);
                cost.emptyFiles(format);
                cost.overwrites(format);
            }
        }
        arguments.publish(cost.report);
    }

    /// One workload under measurement.
    private final class Run {
        private final FormatOptions format;
        private final String workload;
        private final BenchImage image;
        private final Counts before;
        private final long metadataBefore;

        Run(FormatOptions format, String workload, BenchImage image) throws IOException {
            this.format = format;
            this.workload = workload;
            this.image = image;
            settle(image);
            this.before = image.counts();
            this.metadataBefore = image.pool().info().metadataBytes();
        }

        /// Ends the run and adds its row.
        ///
        /// @param userBytes what was written through the volume
        Report.Row finish(long userBytes) throws IOException {
            image.pool().sync();
            Counts counts = image.counts().since(before);
            return report.row()
                    .put("node", format.nodeSizeBytes())
                    .put("copies", format.metadataCopies())
                    .put("workload", workload)
                    .put("user MiB", mib(userBytes))
                    .put("device MiB", mib(counts.writtenBytes()))
                    .put("ratio", userBytes == 0 ? 0 : (double) counts.writtenBytes() / userBytes)
                    .put("writes", counts.writes())
                    .put("flushes", counts.flushes());
        }

        long metadataGrowth() throws IOException {
            settle(image);
            return image.pool().info().metadataBytes() - metadataBefore;
        }
    }

    /// Commits until what the commits themselves replaced has been freed.
    private static void settle(BenchImage image) throws IOException {
        Volume volume = image.volume();
        for (int i = 0; i < 3; i++) {
            volume.setXattr(
                    Volume.ROOT_INODE,
                    BenchImage.name("user.", 0),
                    BenchImage.name("v", i),
                    Volume.XattrMode.CREATE_OR_REPLACE);
            image.pool().sync();
        }
    }

    private static double mib(long bytes) {
        return (double) bytes / (KIB * KIB);
    }

    private BenchImage create(FormatOptions format) throws IOException {
        return BenchImage.create(format, Duration.ZERO);
    }

    private void stream(FormatOptions format) throws IOException {
        try (BenchImage image = create(format)) {
            Volume volume = image.volume();
            ByteBuffer piece = BenchImage.randomContent(128 * KIB, 1);
            Run run = new Run(format, "sequential, 128 KiB writes", image);
            long inode =
                    BenchImage.createFile(volume, Volume.ROOT_INODE, BenchImage.name("stream", 0));
            long userBytes = (long) streamMib * KIB * KIB;
            BenchImage.writeSequentially(volume, inode, userBytes, piece);
            Report.Row row = run.finish(userBytes);
            row.put("metadata KiB per GiB", (double) run.metadataGrowth() / streamMib);
        }
    }

    private void files(FormatOptions format, int directories) throws IOException {
        try (BenchImage image = create(format)) {
            Run run = new Run(format, "1 KiB files, directories: " + directories, image);
            makeFiles(image, directories, BenchImage.randomContent(KIB, 2));
            Report.Row row = run.finish((long) fileCount * KIB);
            row.put("metadata B per file", (double) run.metadataGrowth() / fileCount);
            if (directories > 1) {
                appends(format, image);
            }
        }
    }

    private void emptyFiles(FormatOptions format) throws IOException {
        try (BenchImage image = create(format)) {
            Run run = new Run(format, "empty files, directories: 100", image);
            makeFiles(image, 100, ByteBuffer.allocate(0));
            Report.Row row = run.finish(0);
            row.put("metadata B per file", (double) run.metadataGrowth() / fileCount);
        }
    }

    private void makeFiles(BenchImage image, int directories, ByteBuffer content)
            throws IOException {
        Volume volume = image.volume();
        long[] parents = new long[directories];
        for (int i = 0; i < directories; i++) {
            parents[i] =
                    BenchImage.createDirectory(
                            volume, Volume.ROOT_INODE, BenchImage.name("directory", i));
        }
        for (int i = 0; i < fileCount; i++) {
            // one directory after the other, as a copy of a tree makes them
            long parent = parents[(int) ((long) i * directories / fileCount)];
            long inode = BenchImage.createFile(volume, parent, BenchImage.name("file-", i));
            if (content.hasRemaining()) {
                volume.write(inode, 0, content.duplicate());
            }
            if ((i + 1) % FILES_PER_COMMIT == 0) {
                image.pool().sync();
            }
        }
    }

    /// In an image that holds all the files: one append and one fsync at a time.
    private void appends(FormatOptions format, BenchImage image) throws IOException {
        Volume volume = image.volume();
        ByteBuffer block = BenchImage.randomContent(4 * KIB, 3);
        long inode = BenchImage.createFile(volume, Volume.ROOT_INODE, BenchImage.name("log", 0));
        Samples bytes = new Samples();
        Samples writes = new Samples();
        Samples flushes = new Samples();
        Samples nanos = new Samples();
        settle(image);
        for (int i = 0; i < appendCount; i++) {
            Counts before = image.counts();
            long start = System.nanoTime();
            volume.write(inode, (long) i * block.capacity(), block.duplicate());
            volume.fsync(inode, false);
            nanos.add(System.nanoTime() - start);
            Counts counts = image.counts().since(before);
            bytes.add(counts.writtenBytes());
            writes.add(counts.writes());
            flushes.add(counts.flushes());
        }
        report.row()
                .put("node", format.nodeSizeBytes())
                .put("copies", format.metadataCopies())
                .put("workload", "4 KiB append + fsync, median of each")
                .put("user MiB", mib(block.capacity()))
                .put("device MiB", mib(bytes.median()))
                .put("ratio", (double) bytes.median() / block.capacity())
                .put("writes", writes.median())
                .put("flushes", flushes.median())
                .put("ms", nanos.median() / 1e6);
    }

    private void overwrites(FormatOptions format) throws IOException {
        try (BenchImage image = create(format)) {
            Volume volume = image.volume();
            long inode =
                    BenchImage.createFile(volume, Volume.ROOT_INODE, BenchImage.name("random", 0));
            long lengthBytes = (long) randomMib * KIB * KIB;
            Run start = new Run(format, "", image);
            BenchImage.writeSequentially(
                    volume, inode, lengthBytes, BenchImage.randomContent(128 * KIB, 4));
            overwrite(format, image, inode, "random 4 KiB overwrites");
            image.pool().snapshot(Ref.parse("main@before"));
            overwrite(format, image, inode, "random 4 KiB overwrites after a snapshot")
                    .put("metadata KiB per GiB", (double) start.metadataGrowth() / randomMib);
        }
    }

    private Report.Row overwrite(
            FormatOptions format, BenchImage image, long inode, String workload)
            throws IOException {
        Volume volume = image.volume();
        Random random = new Random(5);
        ByteBuffer block = BenchImage.randomContent(4 * KIB, 6);
        int blocks = randomMib * (KIB / 4);
        Run run = new Run(format, workload, image);
        for (int i = 0; i < overwriteCount; i++) {
            volume.write(inode, 4L * KIB * random.nextInt(blocks), block.duplicate());
            if ((i + 1) % OVERWRITES_PER_COMMIT == 0) {
                image.pool().sync();
            }
        }
        return run.finish((long) overwriteCount * block.capacity());
    }
}
