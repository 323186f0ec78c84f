package cowfs.txn;

import cowfs.torture.TortureMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Power cuts at every event of long random workloads on bare trees.
public final class TxnCrashTorture implements TortureMode {
    private static final int STEPS = 100;

    @Override
    public String name() {
        return "txn";
    }

    @Override
    public String counted() {
        return "cuts";
    }

    @Override
    public long round(long seed, Path directory) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        TestPool.Shape shape =
                new TestPool.Shape(
                        32 + random.nextInt(2), 4096 << random.nextInt(4), 1 + random.nextInt(2));
        return CrashRecording.record(shape, seed, STEPS, 0).checkCuts(1, 1);
    }
}
