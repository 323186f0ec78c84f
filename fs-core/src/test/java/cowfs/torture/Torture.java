package cowfs.torture;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import org.apache.commons.io.FileUtils;

/// Runs rounds of all modes in turn until the time is up, the mode that had the least time next.
///
///     torture DIRECTORY [--hours N] [--seed S] [--rounds N] [--only MODE,...]
///
/// Round i of each mode has the seed S + i, so `--only MODE --seed S+i --rounds 1` repeats it. A
/// failed round leaves a directory with a note and whatever its mode left there, and the others go
/// on. Exit code 1 when a round failed, 2 for wrong usage.
public final class Torture {
    private static final int MAX_FAILURES = 20;
    private static final long REPORT_NANOS = Duration.ofMinutes(1).toNanos();

    private final Path directory;
    private final List<Score> scores = new ArrayList<>();
    private double hours = 1;
    private long seed = 1;
    private long maxRounds = Long.MAX_VALUE;
    private int failureCount;

    /// How far a mode has come.
    private static final class Score {
        final TortureMode mode;
        long rounds;
        long count;
        long nanos;

        Score(TortureMode mode) {
            this.mode = mode;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s: %,d %s in %d rounds, %.2f h",
                    mode.name(),
                    count,
                    mode.counted(),
                    rounds,
                    nanos / 3.6e12);
        }
    }

    private Torture(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws IOException {
        Torture torture = new Torture(Path.of(arguments[0]));
        try {
            torture.parse(Arrays.asList(arguments).subList(1, arguments.length));
        } catch (IllegalArgumentException wrong) {
            System.err.println("torture: " + wrong.getMessage());
            System.exit(2);
        }
        System.exit(torture.run() ? 0 : 1);
    }

    private void parse(List<String> arguments) {
        List<TortureMode> modes = new ArrayList<>();
        ServiceLoader.load(TortureMode.class).forEach(modes::add);
        modes.sort(Comparator.comparing(TortureMode::name));
        String names = String.join(", ", modes.stream().map(TortureMode::name).toList());
        for (int i = 0; i < arguments.size(); i += 2) {
            String option = arguments.get(i);
            if (i + 1 == arguments.size()) {
                throw new IllegalArgumentException(option + " needs a value");
            }
            String value = arguments.get(i + 1);
            switch (option) {
                case "--hours" -> hours = Double.parseDouble(value);
                case "--seed" -> seed = Long.parseLong(value);
                case "--rounds" -> maxRounds = Long.parseLong(value);
                case "--only" -> {
                    List<String> only = List.of(value.split(","));
                    List<String> unknown = new ArrayList<>(only);
                    modes.forEach(mode -> unknown.remove(mode.name()));
                    if (!unknown.isEmpty()) {
                        throw new IllegalArgumentException(
                                "no mode " + unknown.getFirst() + "; there are: " + names);
                    }
                    modes.removeIf(mode -> !only.contains(mode.name()));
                }
                default ->
                        throw new IllegalArgumentException(
                                "usage: torture [--hours N] [--seed S] [--rounds N] [--only "
                                        + names
                                        + "]");
            }
        }
        modes.forEach(mode -> scores.add(new Score(mode)));
    }

    private boolean run() throws IOException {
        long start = System.nanoTime();
        long end = start + (long) (hours * 3.6e12);
        long nextReport = start + REPORT_NANOS;
        say("seed " + seed + ", " + hours + " h at most");
        while (System.nanoTime() < end && failureCount < MAX_FAILURES) {
            Score next =
                    scores.stream()
                            .filter(score -> score.rounds < maxRounds)
                            .min(Comparator.comparingLong(score -> score.nanos))
                            .orElse(null);
            if (next == null) {
                break;
            }
            runRound(next);
            if (System.nanoTime() > nextReport) {
                nextReport = System.nanoTime() + REPORT_NANOS;
                scores.forEach(score -> say(score.toString()));
            }
        }
        scores.forEach(score -> say(score.toString()));
        say(
                failureCount == 0
                        ? "passed, seed " + seed
                        : failureCount + " rounds FAILED, their notes are in " + directory);
        return failureCount == 0;
    }

    private void runRound(Score score) throws IOException {
        long roundSeed = seed + score.rounds;
        Path own = directory.resolve(score.mode.name() + "-" + roundSeed);
        if (Files.exists(own)) {
            FileUtils.deleteDirectory(own.toFile());
        }
        Files.createDirectories(own);
        long start = System.nanoTime();
        try {
            score.count += score.mode.round(roundSeed, own);
            FileUtils.deleteDirectory(own.toFile());
        } catch (Exception | AssertionError | StackOverflowError | OutOfMemoryError failed) {
            failureCount++;
            note(score.mode, roundSeed, own, failed);
        }
        score.rounds++;
        score.nanos += System.nanoTime() - start;
    }

    private static void note(TortureMode mode, long seed, Path own, Throwable failed)
            throws IOException {
        String repeat = "scripts/torture --only " + mode.name() + " --seed " + seed + " --rounds 1";
        StringWriter trace = new StringWriter();
        failed.printStackTrace(new PrintWriter(trace, true));
        Files.writeString(
                own.resolve("note.txt"),
                "Round of '"
                        + mode.name()
                        + "' with seed "
                        + seed
                        + " failed.\n"
                        + "Repeat it with: "
                        + repeat
                        + "\n\n"
                        + trace);
        String message = String.valueOf(failed.getMessage());
        say("FAILED " + mode.name() + " " + seed + ": " + message.lines().findFirst().orElse(""));
        say("  repeat with: " + repeat);
        say("  left behind: " + own);
    }

    private static void say(String line) {
        System.out.println(LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + line);
    }
}
