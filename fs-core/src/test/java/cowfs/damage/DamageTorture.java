package cowfs.damage;

import cowfs.torture.TortureMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Rounds of {@link ImageFuzz}. A failed one leaves the sound image behind, packed; the message
/// says which bytes of it were changed.
public final class DamageTorture implements TortureMode {
    private static final int IMAGES = 150;
    private static final long HOUR = 3_600_000_000_000L;

    @Override
    public String name() {
        return "damage";
    }

    @Override
    public String counted() {
        return "images";
    }

    @Override
    public long round(long seed, Path directory) throws IOException {
        ImageFuzz fuzz = new ImageFuzz(seed);
        List<String> failures = fuzz.run(IMAGES, System.nanoTime() + HOUR);
        if (!failures.isEmpty()) {
            new GoldenImage(directory, "sound").write(fuzz.image());
            throw new AssertionError(String.join("\n", failures));
        }
        return fuzz.trialCount();
    }
}
