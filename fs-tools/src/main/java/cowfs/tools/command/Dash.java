package cowfs.tools.command;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The name `-`, which stands for standard input or output where a file is wanted. A file that is
/// called so is `./-`.
final class Dash {
    private Dash() {}

    static boolean is(Path file) {
        return file.toString().equals("-");
    }

    /// The file that is meant; null when it is standard input or output.
    static @Nullable Path file(@Nullable Path named) {
        return named == null || is(named) ? null : named;
    }
}
