package cowfs.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Programs that are run to their end.
final class Shell {
    /// Runs a program in a directory, with `input` as its standard input, and waits for it.
    ///
    /// @throws IOException when it fails; the message is what it printed
    static void run(Path directory, Path input, List<String> command) throws IOException {
        Path log = Files.createTempFile("cowfs-bench", ".log");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectInput(input.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            int code = waitFor(process);
            if (code != 0) {
                throw new IOException(
                        String.join(" ", command)
                                + ": exit "
                                + code
                                + ": "
                                + Files.readString(log));
            }
        } finally {
            Files.delete(log);
        }
    }

    static void run(Path directory, String... command) throws IOException {
        run(directory, Path.of("/dev/null"), List.of(command));
    }

    static int waitFor(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + process.pid(), e);
        }
    }

    private Shell() {}
}
