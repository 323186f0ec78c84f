package cowfs.tools.place;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.io.IOUtils;

/// Programs of the host that do what Java can't: `umount`, `fusermount`.
public final class Programs {
    private Programs() {}

    /// The first of these programs that is in the search path.
    public static Optional<Path> lookup(String... names) {
        // umount and its like may lie outside of a user's search path
        String places = System.getenv().getOrDefault("PATH", "") + ":/usr/bin:/bin:/usr/sbin:/sbin";
        List<Path> found = new ArrayList<>();
        for (String name : names) {
            Arrays.stream(places.split(File.pathSeparator, -1))
                    .filter(place -> !place.isEmpty())
                    .map(place -> Path.of(place, name))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .ifPresent(found::add);
        }
        return found.stream().findFirst();
    }

    /// Runs a program to its end.
    public static Outcome run(List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .directory(new File("/")) // keeps no mount busy
                        .redirectErrorStream(true)
                        .redirectInput(new File("/dev/null"))
                        .start();
        String output = IOUtils.toString(process.getInputStream(), StandardCharsets.UTF_8).strip();
        try {
            return new Outcome(process.waitFor(), output);
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.getFirst() + " was running", e);
        }
    }

    /// @param output what it wrote, on whichever stream
    public record Outcome(int exitCode, String output) {
        public boolean isSuccess() {
            return exitCode == 0;
        }
    }
}
