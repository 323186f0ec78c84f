package cowfs.tools.text;

import cowfs.error.SizeText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sizes as people write them: `10G`, `1.5M`, with K M G T for powers of 1024.
public final class Sizes {
    private static final String UNITS = "KMGT";
    private static final Pattern SIZE =
            Pattern.compile(
                    "(\\d{1,18}(?:\\.\\d{1,6})?)([KMGT]?)(?:i?B)?", Pattern.CASE_INSENSITIVE);

    private Sizes() {}

    /// The number of bytes that `text` means; a part of a byte is dropped.
    ///
    /// @throws IllegalArgumentException when it means none, with a message for a person
    public static long parseBytes(String text) {
        Matcher size = SIZE.matcher(text.strip());
        if (!size.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no size; write a number with K, M, G or T, such as 10G");
        }
        String unit = size.group(2).toUpperCase(Locale.ROOT);
        int power = unit.isEmpty() ? 0 : UNITS.indexOf(unit) + 1;
        BigDecimal bytes =
                new BigDecimal(size.group(1)).multiply(BigDecimal.valueOf(1L << (10 * power)));
        if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("'" + text + "' is too large a size");
        }
        return bytes.setScale(0, RoundingMode.DOWN).longValueExact();
    }

    /// A size for a table: one decimal and a unit, or the plain number below 1024.
    public static String format(long bytes) {
        return SizeText.rounded(bytes);
    }
}
