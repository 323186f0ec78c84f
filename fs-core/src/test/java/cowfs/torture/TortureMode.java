package cowfs.torture;

import java.nio.file.Path;

/// One way to look for faults for hours. To add one, implement this in a public class with a
/// constructor without arguments and name the class in
/// `src/test/resources/META-INF/services/cowfs.torture.TortureMode` of its module.
public interface TortureMode {
    /// What `--only` calls it: one lower-case word.
    String name();

    /// What {@link #round} counts, in the plural: "states", "faults".
    String counted();

    /// One round: some seconds to a minute of work that the seed alone decides. It fails with any
    /// exception or error, whose message says what is wrong.
    ///
    /// @param directory empty; for images on disk, and for what helps to understand a failure. It
    ///   is removed when the round passes.
    /// @return how many of {@link #counted} were tried
    long round(long seed, Path directory) throws Exception;
}
