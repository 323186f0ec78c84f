package cowfs.crash;

import cowfs.torture.TortureMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Small sequences of operations, cut at every point, with ever new operations and cuts.
public final class CrashTorture implements TortureMode {
    private static final int SEQUENCES = 60;
    private static final int MAX_OPERATIONS = 6;

    @Override
    public String name() {
        return "crash";
    }

    @Override
    public String counted() {
        return "states";
    }

    @Override
    public long round(long seed, Path directory) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        long states = 0;
        for (int i = 0; i < SEQUENCES; i++) {
            // as often two or three as all longer ones together
            int length = random.nextBoolean() ? 2 + i % 2 : random.nextInt(3, MAX_OPERATIONS + 1);
            Sequence sequence = Sequence.random(random, length);
            try {
                states += CrashSearch.run(sequence, random.nextLong(), 1 + i % 3);
            } catch (AssertionError failed) {
                if (failed.getCause() instanceof CutFailure cut) {
                    cut.medium().writeTo(directory.resolve("after-cut.img"));
                }
                throw failed;
            }
        }
        return states;
    }
}
