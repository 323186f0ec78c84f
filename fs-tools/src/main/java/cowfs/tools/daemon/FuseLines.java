package cowfs.tools.daemon;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/// What libfuse and fusermount wrote to this process's standard error, the log, since a moment:
/// they tell nobody else why they refuse a mount.
final class FuseLines {
    private final Path log;
    private final long start;

    private FuseLines(Path log, long start) {
        this.log = log;
        this.start = start;
    }

    static FuseLines fromNowOn(Path log) throws IOException {
        return new FuseLines(log, Files.exists(log) ? Files.size(log) : 0);
    }

    /// The failure to report for one that came from a mount: with those lines, if there are any.
    CowException explain(CowException failure) throws IOException {
        String lines = failure.kind() == ErrorKind.IO ? read() : "";
        return lines.isEmpty()
                ? failure
                : new RequestException(
                        ErrorKind.IO, failure.getMessage() + " (" + lines + ")", failure);
    }

    private String read() throws IOException {
        if (!Files.exists(log)) {
            return "";
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            byte[] bytes = new byte[Math.clamp(file.length() - start, 0, 1 << 16)];
            file.seek(start);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("fuse"))
                    .collect(Collectors.joining("; "));
        }
    }
}
