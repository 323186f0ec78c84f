package cowfs.fuse.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Runs shell commands in a directory, as users do.
public final class Shell {
    private static final long PATIENCE_SECONDS = 120;

    private final Path directory;

    private Shell(Path directory) {
        this.directory = directory;
    }

    public static Shell in(Path directory) {
        return new Shell(directory);
    }

    /// Runs a command that must succeed.
    ///
    /// @return what it printed, stdout and stderr, without the last line end
    public String run(String command) throws IOException, InterruptedException {
        Result result = execute(command);
        assertEquals(0, result.exitCode(), command + "\n" + result.output());
        return result.output();
    }

    /// Runs a command that must fail with a message.
    public void fails(String command, String message) throws IOException, InterruptedException {
        Result result = execute(command);
        assertTrue(result.exitCode() != 0, command + " did not fail");
        assertTrue(result.output().contains(message), command + "\n" + result.output());
    }

    private Result execute(String command) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("bash", "-c", "set -eo pipefail; " + command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(
                    process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), command + " still runs");
            return new Result(process.exitValue(), output.stripTrailing());
        } finally {
            process.destroyForcibly();
        }
    }

    private record Result(int exitCode, String output) {}
}
