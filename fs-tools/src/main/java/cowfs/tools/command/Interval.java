package cowfs.tools.command;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A stretch of time given as an argument, such as `5s`, `0.5s`, `1m` or `200ms`.
record Interval(Duration value) {
    private static final Duration LONGEST = Duration.ofHours(1);

    static final class Converter implements ITypeConverter<Interval> {
        @Override
        public Interval convert(String text) {
            String lower = text.toLowerCase(Locale.ROOT);
            try {
                Duration value =
                        lower.endsWith("ms")
                                ? Duration.ofMillis(
                                        Long.parseLong(lower.substring(0, lower.length() - 2)))
                                : Duration.parse("PT" + lower);
                if (value.isPositive() && value.compareTo(LONGEST) <= 0) {
                    return new Interval(value);
                }
            } catch (DateTimeParseException | NumberFormatException e) {
                throw refused(text);
            }
            throw refused(text);
        }

        private static TypeConversionException refused(String text) {
            return new TypeConversionException(
                    "'" + text + "' is no interval; write one such as 5s or 200ms, up to 1h");
        }
    }
}
