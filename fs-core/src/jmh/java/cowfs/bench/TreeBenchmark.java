package cowfs.bench;

import cowfs.block.NodeStore;
import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.device.MemoryDevice;
import cowfs.format.Blocks;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// The B-tree alone: 200,000 items of 64 bytes, all nodes in memory and owned by the open group.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 2)
public class TreeBenchmark {
    private static final int COUNT = 200_000;
    private static final int KIND = 5;
    private static final long DEVICE_BYTES = 1L << 30;

    @Param({"4096", "8192", "16384"})
    public int nodeBytes;

    private final SplittableRandom random = new SplittableRandom(11);
    private final byte[] value = new byte[64];
    private BTree tree;
    private Cursor cursor;

    @Setup(Level.Trial)
    public void fill() throws IOException {
        NodeStore nodes =
                new NodeStore(
                        new MemoryDevice(DEVICE_BYTES),
                        new UUID(1, 2),
                        nodeBytes,
                        DEVICE_BYTES >>> Blocks.SHIFT,
                        1 << 20);
        tree = BTree.writer(nodes, 5, null, 0, 1, shadowed -> {});
        cursor = tree.cursor();
        for (int i = 0; i < COUNT; i++) {
            tree.put(key(i), KIND, 0, value);
        }
    }

    /// Spreads the keys, so that the tree grows by splits in the middle.
    private static long key(int i) {
        return (i * 0x9e3779b97f4a7c15L) >>> 20;
    }

    @Benchmark
    public boolean find() throws IOException {
        return tree.find(cursor, key(random.nextInt(COUNT)), KIND, 0);
    }

    @Benchmark
    public void replace() throws IOException {
        tree.put(key(random.nextInt(COUNT)), KIND, 0, value);
    }

    @Benchmark
    public boolean removeAndInsert() throws IOException {
        long key = key(random.nextInt(COUNT));
        boolean found = tree.remove(key, KIND, 0);
        tree.put(key, KIND, 0, value);
        return found;
    }
}
