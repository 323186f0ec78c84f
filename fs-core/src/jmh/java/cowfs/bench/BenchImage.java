package cowfs.bench;

import cowfs.api.FileChanges;
import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.CountingDevice;
import cowfs.device.FileDevice;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A freshly made image in a temporary file, open through a counting device. Closing deletes it.
///
/// The file lies where `java.io.tmpdir` says, which should be on the disk that is to be measured.
final class BenchImage implements Closeable {
    private static final int FILES_IN_A_DIRECTORY = 1000;

    private final Path file;
    private final OpenOptions options;
    private CountingDevice device;
    private Pool pool;

    private BenchImage(Path file, OpenOptions options) throws IOException {
        this.file = file;
        this.options = options;
        this.device = new CountingDevice(FileDevice.open(file, true));
        this.pool = Images.open(device, options);
    }

    /// Makes an image with the default node size and number of copies.
    ///
    /// @param commitInterval as in {@link OpenOptions}; zero: only when asked
    static BenchImage create(long sizeBytes, Duration commitInterval) throws IOException {
        return create(FormatOptions.ofSize(sizeBytes), commitInterval);
    }

    static BenchImage create(FormatOptions format, Duration commitInterval) throws IOException {
        Path file = Files.createTempFile("cowfs-bench", ".img");
        Files.delete(file);
        Images.format(file, format, false);
        return new BenchImage(
                file, new OpenOptions(false, OpenOptions.DEFAULT_NODE_CACHE_BYTES, commitInterval));
    }

    /// Closes the image and opens it again, with cold caches: the pool's own and the host's. Counts
    /// start anew.
    void reopen() throws IOException {
        pool.close();
        device = new CountingDevice(FileDevice.open(file, true));
        device.forgetCached(0, device.sizeBytes());
        pool = Images.open(device, options);
    }

    Pool pool() {
        return pool;
    }

    /// The files of the first subvolume.
    Volume volume() throws IOException {
        return pool.volume(Ref.MAIN);
    }

    CountingDevice.Counts counts() {
        return device.counts();
    }

    @Override
    public void close() throws IOException {
        try {
            pool.close();
        } finally {
            Files.delete(file);
        }
    }

    static byte[] name(String prefix, long number) {
        return (prefix + number).getBytes(StandardCharsets.US_ASCII);
    }

    static long createFile(Volume volume, long directory, byte[] name) throws IOException {
        return volume.create(directory, name, NewInode.regular(0644, 0, 0)).inode();
    }

    /// Makes files of the same random content, a thousand in each of as many directories as that
    /// takes.
    ///
    /// @return their inodes
    static List<Long> createFiles(Volume volume, long parent, int count, int bytes)
            throws IOException {
        List<Long> inodes = new ArrayList<>();
        ByteBuffer content = randomContent(bytes, 2);
        long directory = parent;
        for (int i = 0; i < count; i++) {
            if (i % FILES_IN_A_DIRECTORY == 0) {
                directory = createDirectory(volume, parent, name("d", i));
            }
            long inode = createFile(volume, directory, name("file-", i));
            volume.write(inode, 0, content.duplicate());
            inodes.add(inode);
        }
        return inodes;
    }

    /// Walks all differences of two states, of which there must be some.
    static void diff(Pool pool, Ref before, Ref after) throws IOException {
        try (FileChanges changes = pool.diff(before, after, FilePath.ROOT)) {
            if (changes.next() == null) {
                throw new IllegalStateException("no difference was found");
            }
            while (changes.next() != null) {
                // all are wanted
            }
        }
    }

    static long createDirectory(Volume volume, long directory, byte[] name) throws IOException {
        return volume.create(directory, name, NewInode.directory(0755, 0, 0)).inode();
    }

    /// Content that no compression shortens; the same for the same seed.
    static ByteBuffer randomContent(int lengthBytes, long seed) {
        byte[] bytes = new byte[lengthBytes];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.allocateDirect(lengthBytes).put(bytes).flip();
    }

    /// Writes a file from its beginning in pieces of the size of `piece`.
    static void writeSequentially(Volume volume, long inode, long lengthBytes, ByteBuffer piece)
            throws IOException {
        for (long at = 0; at < lengthBytes; at += piece.capacity()) {
            volume.write(inode, at, piece.duplicate());
        }
    }
}
