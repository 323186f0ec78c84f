package cowfs.tools.text;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A point in time as people write it.
public final class Moment {
    private static final Pattern AGE = Pattern.compile("(\\d{1,9})([smhdw])");
    private static final Pattern EPOCH = Pattern.compile("@(\\d{1,11})");
    private static final Pattern CLOCK = Pattern.compile("\\d\\d:\\d\\d(:\\d\\d)?");
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");
    private static final Pattern ZONE = Pattern.compile(".*(Z|[+-]\\d\\d:\\d\\d)");

    private Moment() {}

    /// The time that a text means: a time of day (the last one that has passed), a date (its
    /// beginning), both with a space or `T` between, with or without seconds and an offset from
    /// UTC, an age such as `2h` (s, m, h, d or w), or `@` and seconds since 1970.
    ///
    /// @param zone of times that name none
    /// @throws IllegalArgumentException when it means none, with a message for a person
    public static Instant parse(String text, Instant now, ZoneId zone) {
        String plain = text.strip();
        Matcher age = AGE.matcher(plain);
        Matcher epoch = EPOCH.matcher(plain);
        try {
            if (age.matches()) {
                return now.minus(unit(age.group(2)).multipliedBy(Long.parseLong(age.group(1))));
            }
            if (epoch.matches()) {
                return Instant.ofEpochSecond(Long.parseLong(epoch.group(1)));
            }
            if (CLOCK.matcher(plain).matches()) {
                return lastAt(LocalTime.parse(plain), now.atZone(zone));
            }
            if (DATE.matcher(plain).matches()) {
                return LocalDate.parse(plain).atStartOfDay(zone).toInstant();
            }
            String iso = plain.replaceFirst(" ", "T").replace(" ", "");
            return ZONE.matcher(iso).matches()
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).atZone(zone).toInstant();
        } catch (DateTimeException | ArithmeticException none) {
            throw new IllegalArgumentException(
                    "'"
                            + text
                            + "' is no time; write 10:42, 2026-03-01, '2026-03-01 10:42', or an age"
                            + " such as 2h",
                    none);
        }
    }

    private static Instant lastAt(LocalTime time, ZonedDateTime now) {
        ZonedDateTime today = now.with(time);
        return (today.isAfter(now) ? today.minusDays(1) : today).toInstant();
    }

    private static Duration unit(String letter) {
        return switch (letter) {
            case "s" -> Duration.ofSeconds(1);
            case "m" -> Duration.ofMinutes(1);
            case "h" -> Duration.ofHours(1);
            case "d" -> Duration.ofDays(1);
            default -> Duration.ofDays(7);
        };
    }
}
