package cowfs.tools.policy;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How often snapshots are taken and which ones stay, such as `15m:4 1h:24 1d:30`.
///
/// A rule `1h:24` divides time into hours (of UTC; weeks begin on Thursdays, as 1970 did) and keeps
/// the newest snapshot of each of the 24 newest hours that have one. What no rule keeps goes. One
/// is taken when the running period of the first rule, the shortest, has none. (The rules are those
/// of restic's `forget`: hours without a snapshot do not count.)
///
/// @param rules each with a longer period than the one before
public record SnapshotPolicy(List<Rule> rules) {
    private static final Pattern RULE = Pattern.compile("([0-9]{1,4})([mhdw]):([0-9]{1,4})");
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final int MAX_RULES = 10;

    /// Keeps the newest snapshot of each of the newest `count` periods.
    public record Rule(Duration period, int count) {
        long periodOf(Instant time) {
            return Math.floorDiv(time.getEpochSecond(), period.toSeconds());
        }
    }

    /// Parses rules that are separated by blanks.
    ///
    /// @throws RequestException `INVALID`
    public static SnapshotPolicy parse(String text) throws RequestException {
        List<Rule> rules = new ArrayList<>();
        for (String word : text.trim().split("\\s+", -1)) {
            Matcher matcher = RULE.matcher(word);
            if (!matcher.matches()) {
                throw refused(text, "'" + word + "' is no rule");
            }
            Duration unit =
                    switch (matcher.group(2)) {
                        case "m" -> Duration.ofMinutes(1);
                        case "h" -> Duration.ofHours(1);
                        case "d" -> Duration.ofDays(1);
                        default -> Duration.ofDays(7);
                    };
            Duration period = unit.multipliedBy(Long.parseLong(matcher.group(1)));
            int count = Integer.parseInt(matcher.group(3));
            if (period.compareTo(SHORTEST) < 0 || count == 0) {
                throw refused(text, "'" + word + "' keeps nothing");
            }
            if (!rules.isEmpty() && period.compareTo(rules.getLast().period) <= 0) {
                throw refused(text, "'" + word + "' is no longer a period than the one before it");
            }
            rules.add(new Rule(period, count));
        }
        if (rules.size() > MAX_RULES) {
            throw refused(text, "it has " + rules.size() + " rules, at most " + MAX_RULES);
        }
        return new SnapshotPolicy(List.copyOf(rules));
    }

    private static RequestException refused(String text, String why) {
        return new RequestException(
                ErrorKind.INVALID,
                "'"
                        + text
                        + "' is no policy, "
                        + why
                        + ": write PERIOD:COUNT with rising periods in m, h, d or w, such as '15m:4 1h:24"
                        + " 1d:30 1w:8'");
    }

    /// Whether a snapshot is due.
    ///
    /// @param taken the times of those that there are
    public boolean isDue(Collection<Instant> taken, Instant now) {
        Rule shortest = rules.getFirst();
        // one from the future, after the clock was set back, is no reason to wait for it
        return taken.stream()
                .noneMatch(
                        each ->
                                !each.isAfter(now)
                                        && shortest.periodOf(each) == shortest.periodOf(now));
    }

    /// The times of the snapshots that stay.
    public Set<Instant> kept(Collection<Instant> taken) {
        NavigableSet<Instant> newestFirst = new TreeSet<>(taken).descendingSet();
        Set<Instant> kept = new HashSet<>();
        for (Rule rule : rules) {
            Set<Long> periods = new HashSet<>();
            for (Instant each : newestFirst) {
                if (periods.size() < rule.count && periods.add(rule.periodOf(each))) {
                    kept.add(each);
                }
            }
        }
        return kept;
    }
}
