package cowfs.bench;

import cowfs.api.Ref;
import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Operations a second on the files of one subvolume of an image in a temporary file, by one
/// thread, with the ordinary commits every 5 s.
///
/// Reads and lookups find their nodes in the cache and their blocks in the host's page cache.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 3)
public class FileBenchmark {
    private static final int BLOCK_BYTES = 4096;

    /// An image with nothing in it but empty directories.
    @State(Scope.Benchmark)
    public static class Empty {
        private static final int FILES_PER_DIRECTORY = 20_000;

        BenchImage image;
        Volume volume;
        long directory;
        long fileCount;

        @Setup(Level.Trial)
        public void make() throws IOException {
            image = BenchImage.create(64L << 30, Duration.ofSeconds(5));
            volume = image.volume();
        }

        @TearDown(Level.Trial)
        public void delete() throws IOException {
            image.close();
        }

        long directory() throws IOException {
            if (fileCount % FILES_PER_DIRECTORY == 0) {
                directory =
                        BenchImage.createDirectory(
                                volume, Volume.ROOT_INODE, BenchImage.name("directory", fileCount));
            }
            return directory;
        }
    }

    /// An image with 100,000 files in one directory.
    @State(Scope.Benchmark)
    public static class ManyFiles {
        private static final int COUNT = 100_000;

        final SplittableRandom random = new SplittableRandom(7);
        BenchImage image;
        Volume volume;

        @Setup(Level.Trial)
        public void make() throws IOException {
            image = BenchImage.create(8L << 30, Duration.ofSeconds(5));
            volume = image.volume();
            for (int i = 0; i < COUNT; i++) {
                BenchImage.createFile(volume, Volume.ROOT_INODE, BenchImage.name("file-", i));
            }
            image.pool().sync();
        }

        @TearDown(Level.Trial)
        public void delete() throws IOException {
            image.close();
        }

        byte[] anyName() {
            return BenchImage.name("file-", random.nextInt(COUNT));
        }
    }

    /// An image with one file of 256 MiB.
    @State(Scope.Benchmark)
    public static class LargeFile {
        static final long LENGTH_BYTES = 256L << 20;

        final SplittableRandom random = new SplittableRandom(8);
        final ByteBuffer content = BenchImage.randomContent(BLOCK_BYTES, 9);
        final ByteBuffer target = ByteBuffer.allocateDirect(BLOCK_BYTES);
        BenchImage image;
        Volume volume;
        long inode;

        @Setup(Level.Trial)
        public void make() throws IOException {
            image = BenchImage.create(8L << 30, Duration.ofSeconds(5));
            volume = image.volume();
            inode = BenchImage.createFile(volume, Volume.ROOT_INODE, BenchImage.name("file", 0));
            BenchImage.writeSequentially(
                    volume, inode, LENGTH_BYTES, BenchImage.randomContent(1 << 20, 10));
            image.pool().sync();
        }

        @TearDown(Level.Trial)
        public void delete() throws IOException {
            image.close();
        }

        long anyBlock() {
            return random.nextLong(LENGTH_BYTES / BLOCK_BYTES) * BLOCK_BYTES;
        }
    }

    /// The same, with a snapshot taken before each iteration.
    @State(Scope.Benchmark)
    public static class SnapshottedFile extends LargeFile {
        private int snapshots;

        @Setup(Level.Iteration)
        public void snapshot() throws IOException {
            image.pool().snapshot(new Ref("main", "s" + snapshots++));
        }
    }

    @Benchmark
    public Attributes create(Empty empty) throws IOException {
        long directory = empty.directory();
        Attributes made =
                empty.volume.create(
                        directory,
                        BenchImage.name("file-", empty.fileCount),
                        NewInode.regular(0644, 0, 0));
        empty.fileCount++;
        return made;
    }

    @Benchmark
    public Attributes lookup(ManyFiles many) throws IOException {
        return many.volume.lookup(Volume.ROOT_INODE, many.anyName());
    }

    /// All 100,000 entries with their attributes, in one pass.
    @Benchmark
    public long list(ManyFiles many) throws IOException {
        long[] bytes = {0};
        many.volume.readDirectoryWithAttributes(
                Volume.ROOT_INODE,
                0,
                128,
                (name, attributes, cookie) -> {
                    bytes[0] += attributes.sizeBytes();
                    return true;
                });
        return bytes[0];
    }

    /// The same by a descent for each entry: what {@link #list} saves.
    @Benchmark
    public long listOneByOne(ManyFiles many) throws IOException {
        long[] bytes = {0};
        many.volume.readDirectory(
                Volume.ROOT_INODE,
                0,
                (name, inode, type, cookie) -> {
                    bytes[0] += many.volume.getAttributes(inode).sizeBytes();
                    return true;
                });
        return bytes[0];
    }

    @Benchmark
    public void overwrite4k(LargeFile file) throws IOException {
        file.volume.write(file.inode, file.anyBlock(), file.content.duplicate());
    }

    @Benchmark
    public void overwrite4kAfterSnapshot(SnapshottedFile file) throws IOException {
        file.volume.write(file.inode, file.anyBlock(), file.content.duplicate());
    }

    @Benchmark
    public int read4k(LargeFile file) throws IOException {
        return file.volume.read(file.inode, file.anyBlock(), file.target.clear());
    }

    /// One change of a timestamp and its commit: what an fsync costs before any data.
    @Benchmark
    public void commitOfOneInode(Empty empty) throws IOException {
        empty.volume.setAttributes(
                Volume.ROOT_INODE, AttributeChange.ofTimes(null, Timestamp.now()));
        empty.volume.fsync(Volume.ROOT_INODE, false);
    }
}
