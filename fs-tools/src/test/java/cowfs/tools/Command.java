package cowfs.tools;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.commons.io.IOUtils;

/// The command as users run it: a process of its own, on this test's class path.
final class Command {
    private static final long LIMIT_SECONDS = 120;

    private Command() {}

    /// Runs the command to its end.
    static Run run(Object... arguments) throws IOException {
        return run(words(arguments));
    }

    /// Runs any program to its end.
    static Run run(List<String> words) throws IOException {
        Process process = new ProcessBuilder(words).redirectInput(new File("/dev/null")).start();
        CompletableFuture<String> err =
                CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
        CompletableFuture<String> out =
                CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("does not end: " + words);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new AssertionError("interrupted: " + words, e);
        }
        return new Run(process.exitValue(), out.join(), err.join());
    }

    /// The space that a file takes where it lies, holes left out.
    static long allocatedBytes(Path file) throws IOException {
        Run stat = run(List.of("stat", "-c", "%b", file.toString())).succeeded();
        return Long.parseLong(stat.out().strip()) * 512;
    }

    /// The words of a command line. The words of a command that SIGINT ends, also where the tests
    /// run in the background of a script: there a shell makes its children ignore it, and Java
    /// keeps to that.
    static List<String> interruptible(Object... arguments) {
        List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT"));
        words.addAll(words(arguments));
        return words;
    }

    static List<String> words(Object... arguments) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("-XX:TieredStopAtLevel=1");
        words.add("--enable-native-access=ALL-UNNAMED");
        words.add("--sun-misc-unsafe-memory-access=allow");
        words.add("-cp");
        words.add(System.getProperty("java.class.path"));
        words.add("cowfs.tools.Main");
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return words;
    }

    /// The command, as a shell takes it.
    static String shell() {
        return words().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    }

    private static String read(InputStream stream) {
        try {
            return IOUtils.toString(stream, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
