package cowfs.crash;

import java.io.IOException;

/// Tries a sequence, and says how to try it again when it fails.
final class CrashSearch {
    private CrashSearch() {}

    /// @param sampledEach as in {@link PowerCuts}
    /// @return how many distinct states the cuts left
    static int run(Sequence sequence, long seed, int sampledEach) throws IOException {
        try {
            return new PowerCuts(Recording.of(sequence, 0), seed, sampledEach).tryAll();
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError(
                    "sequence '" + sequence + "' seed " + seed + ": " + failed.getMessage(),
                    failed);
        }
    }
}
