package cowfs.api;

import cowfs.model.RandomOperations;
import cowfs.model.RandomOperations.Plan;
import cowfs.torture.TortureMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Random operations on the engine and the model, on images of all shapes, roomy and full ones.
public final class ModelTorture implements TortureMode {
    private static final int STEPS = 4000;
    private static final int COMPARE_EVERY = 400;

    @Override
    public String name() {
        return "model";
    }

    @Override
    public String counted() {
        return "operations";
    }

    @Override
    public long round(long seed, Path directory) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        int nodeBytes = 4096 << random.nextInt(5);
        boolean filling = random.nextInt(3) == 0;
        long imageBytes = filling ? FormatOptions.MIN_SIZE_BYTES : 512L << 20;
        Plan plan = new Plan(seed, STEPS, COMPARE_EVERY, imageBytes, filling);
        RandomOperations.run(plan, new EngineUnderTest(nodeBytes, 1 + random.nextInt(2)));
        return STEPS;
    }
}
