package cowfs.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Snapshots of a file, and what overwriting costs before and after one. Nothing for a filesystem
/// that has no snapshots.
///
/// cowfs takes one by `mkdir .snapshots/NAME`, the others by their commands (5 ms or so for the
/// process).
///
/// @param mib size of the file
record SnapshotLoad(int mib) implements Load {
    private static final int MIB = 1 << 20;
    private static final int BLOCK = 4096;
    private static final int ROUNDS = 11;

    @Override
    public List<Figure> run(Peer peer) throws IOException {
        Path file = peer.mountPoint().resolve("overwritten");
        ByteBuffer piece = ByteBuffer.allocateDirect(MIB);
        byte[] content = new byte[MIB];
        new Random(3).nextBytes(content);
        piece.put(content);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < mib; i++) {
                channel.write(piece.clear(), (long) i * MIB);
            }
            channel.force(true);
        }
        List<Figure> figures = measure(peer, file);
        Files.delete(file);
        return figures;
    }

    private List<Figure> measure(Peer peer, Path file) throws IOException {
        if (!peer.snapshot("first")) {
            return List.of();
        }
        peer.deleteSnapshot("first");
        long[] taken = new long[ROUNDS];
        long[] deleted = new long[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            peer.snapshot("round" + i);
            long middle = System.nanoTime();
            peer.deleteSnapshot("round" + i);
            taken[i] = middle - start;
            deleted[i] = System.nanoTime() - middle;
        }
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.time("snapshot", median(taken)));
        figures.add(Figure.time("delete a snapshot", median(deleted)));
        figures.add(overwrite("random 4 KiB overwrites", file));
        peer.snapshot("kept");
        figures.add(overwrite("random 4 KiB overwrites after a snapshot", file));
        peer.deleteSnapshot("kept");
        return figures;
    }

    private Figure overwrite(String name, Path file) throws IOException {
        int count = mib * (MIB / BLOCK) / 8;
        Random random = new Random(5);
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
        long start = System.nanoTime();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int i = 0; i < count; i++) {
                block.clear().putLong(0, random.nextLong());
                long at = (long) random.nextInt(mib * (MIB / BLOCK)) * BLOCK;
                channel.write(block, at);
            }
            channel.force(true);
        }
        return Figure.rate(name, "ops/s", count, System.nanoTime() - start);
    }

    private static long median(long[] nanos) {
        Arrays.sort(nanos);
        return nanos[nanos.length / 2];
    }
}
