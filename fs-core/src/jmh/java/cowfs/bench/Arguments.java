package cowfs.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What every program of this package accepts.
///
/// @param quick smaller numbers, to see that it works
/// @param json where the result goes as JSON, or null
record Arguments(boolean quick, @Nullable Path json) {
    static Arguments parse(String[] words) {
        boolean quick = false;
        Path json = null;
        for (int i = 0; i < words.length; i++) {
            switch (words[i]) {
                case "--quick" -> quick = true;
                case "--json" -> {
                    if (++i == words.length) {
                        throw new IllegalArgumentException("--json needs a file");
                    }
                    json = Path.of(words[i]);
                }
                default ->
                        throw new IllegalArgumentException(
                                "'" + words[i] + "' is unknown; there are --quick and --json FILE");
            }
        }
        return new Arguments(quick, json);
    }

    /// Either number, as `--quick` says.
    int choose(int full, int small) {
        return quick ? small : full;
    }

    void publish(Report report) throws IOException {
        report.print(System.out);
        if (json != null) {
            report.write(json);
        }
    }
}
