package cowfs.bench.peers;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// One large file: written and read in sequence and at random, buffered and direct, by one job and
/// by four, and with an fsync after each write.
///
/// Buffered reads come after a remount, and no block is read twice, so that each comes from the
/// filesystem and not from the kernel's page cache.
///
/// @param mib size of the file, a multiple of 4
/// @param fsyncCount how often 4 KiB are written and fsynced
record LargeFileLoad(int mib, int fsyncCount) implements Load {
    private static final int MIB = 1 << 20;
    private static final int BLOCK = 4096;
    private static final int JOBS = 4;

    @Override
    public List<Figure> run(Peer peer) throws IOException {
        Path file = peer.mountPoint().resolve("large");
        long bytes = (long) mib * MIB;
        List<Figure> figures = new ArrayList<>();
        figures.add(megabytes("write 1 MiB, fsync at the end", write(file, MIB)));
        peer.remount();
        figures.add(megabytes("read 1 MiB", read(file, MIB, bytes)));
        figures.add(megabytes("read 1 MiB, cached", read(file, MIB, bytes)));
        peer.remount();
        figures.add(operations("random 4 KiB reads", readAtRandom(file, 1)));
        peer.remount();
        figures.add(operations("random 4 KiB reads, 4 jobs", readAtRandom(file, JOBS)));
        figures.add(operations("random 4 KiB writes, fsync at the end", writeAtRandom(file)));
        figures.add(Figure.rate("4 KiB write + fsync", "ops/s", fsyncCount, writeAndSync(file)));
        Files.delete(file);
        figures.add(megabytes("write 4 KiB, fsync at the end", write(file, BLOCK)));
        Files.delete(file);
        if (peer.hasDirectIo()) {
            OpenOption direct = ExtendedOpenOption.DIRECT;
            figures.add(megabytes("direct write 1 MiB", write(file, MIB, direct)));
            figures.add(operations("random 4 KiB direct reads", readAtRandom(file, 1, direct)));
            figures.add(
                    operations(
                            "random 4 KiB direct reads, 4 jobs", readAtRandom(file, JOBS, direct)));
            Files.delete(file);
        }
        return figures;
    }

    private Figure megabytes(String name, long nanos) {
        return Figure.rate(name, "MB/s", (double) mib * MIB / 1e6, nanos);
    }

    private Figure operations(String name, long nanos) {
        return Figure.rate(name, "ops/s", randomCount(), nanos);
    }

    /// A quarter of the file is read or written at random, in blocks.
    private int randomCount() {
        return mib * (MIB / BLOCK) / 4;
    }

    private long write(Path file, int pieceBytes, OpenOption... more) throws IOException {
        ByteBuffer piece = buffer(pieceBytes);
        Random random = new Random(1);
        long start = System.nanoTime();
        try (FileChannel channel = open(file, more, true)) {
            for (long at = 0; at < (long) mib * MIB; at += pieceBytes) {
                piece.clear().putLong(0, random.nextLong());
                writeFully(channel, piece, at);
            }
            channel.force(true);
        }
        return System.nanoTime() - start;
    }

    private static long read(Path file, int pieceBytes, long bytes) throws IOException {
        ByteBuffer piece = buffer(pieceBytes);
        long start = System.nanoTime();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long at = 0; at < bytes; at += pieceBytes) {
                readFully(channel, piece.clear(), at);
            }
        }
        return System.nanoTime() - start;
    }

    private long readAtRandom(Path file, int jobs, OpenOption... more) throws IOException {
        int[] blocks = shuffledBlocks();
        int share = randomCount() / jobs;
        List<Callable<Void>> readers = new ArrayList<>();
        for (int job = 0; job < jobs; job++) {
            int first = job * share;
            readers.add(
                    () -> {
                        ByteBuffer block = buffer(BLOCK);
                        try (FileChannel channel = open(file, more, false)) {
                            for (int i = first; i < first + share; i++) {
                                readFully(channel, block.clear(), (long) blocks[i] * BLOCK);
                            }
                        }
                        return null;
                    });
        }
        long start = System.nanoTime();
        together(readers);
        return System.nanoTime() - start;
    }

    private long writeAtRandom(Path file) throws IOException {
        int[] blocks = shuffledBlocks();
        ByteBuffer block = buffer(BLOCK);
        long start = System.nanoTime();
        try (FileChannel channel = open(file, new OpenOption[0], true)) {
            for (int i = 0; i < randomCount(); i++) {
                writeFully(channel, block.clear(), (long) blocks[i] * BLOCK);
            }
            channel.force(true);
        }
        return System.nanoTime() - start;
    }

    private long writeAndSync(Path file) throws IOException {
        int[] blocks = shuffledBlocks();
        ByteBuffer block = buffer(BLOCK);
        long start = System.nanoTime();
        try (FileChannel channel = open(file, new OpenOption[0], true)) {
            for (int i = 0; i < fsyncCount; i++) {
                writeFully(channel, block.clear(), (long) blocks[i % blocks.length] * BLOCK);
                channel.force(true);
            }
        }
        return System.nanoTime() - start;
    }

    private static void together(List<Callable<Void>> jobs) throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(jobs.size())) {
            for (Future<Void> each : threads.invokeAll(jobs)) {
                each.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /// The same order in each run: ratios compare the same work.
    private int[] shuffledBlocks() {
        int[] blocks = new int[mib * (MIB / BLOCK)];
        Random random = new Random(7);
        for (int i = 0; i < blocks.length; i++) {
            int other = random.nextInt(i + 1);
            blocks[i] = blocks[other];
            blocks[other] = i;
        }
        return blocks;
    }

    private static FileChannel open(Path file, OpenOption[] more, boolean writes)
            throws IOException {
        List<OpenOption> options = new ArrayList<>(List.of(more));
        if (writes) {
            options.add(StandardOpenOption.CREATE);
            options.add(StandardOpenOption.WRITE);
        } else {
            options.add(StandardOpenOption.READ);
        }
        return FileChannel.open(file, options.toArray(OpenOption[]::new));
    }

    /// Aligned for direct I/O, and of content that does not compress.
    private static ByteBuffer buffer(int bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes + BLOCK).alignedSlice(BLOCK);
        ByteBuffer piece = buffer.slice(0, bytes);
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        piece.put(content);
        return piece.clear();
    }

    private static void writeFully(FileChannel channel, ByteBuffer piece, long at)
            throws IOException {
        while (piece.hasRemaining()) {
            channel.write(piece, at + piece.position());
        }
    }

    private static void readFully(FileChannel channel, ByteBuffer piece, long at)
            throws IOException {
        while (piece.hasRemaining()) {
            if (channel.read(piece, at + piece.position()) < 0) {
                throw new IOException("the file ends at " + (at + piece.position()));
            }
        }
    }
}
