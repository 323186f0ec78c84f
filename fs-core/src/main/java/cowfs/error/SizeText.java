package cowfs.error;

/// Sizes in messages and tables: `1.5G`, with K M G T for powers of 1024.
public final class SizeText {
    private static final String UNITS = "KMGT";

    private SizeText() {}

    /// One decimal and a unit, or the plain number below 1024.
    public static String rounded(long bytes) {
        if (bytes < 1024) {
            return Long.toString(bytes);
        }
        int power = 1;
        double value = bytes / 1024.0;
        // 1023.96 would be printed as 1024.0
        while (Math.round(value * 10) >= 10240 && power < UNITS.length()) {
            value /= 1024;
            power++;
        }
        // String.format would load the data of locales, which takes longer than listing an image
        long tenths = Math.round(value * 10);
        return tenths / 10 + "." + tenths % 10 + UNITS.charAt(power - 1);
    }

    /// As a person writes it: `32M`, without a fraction; the bytes where they are no multiple of
    /// 1024.
    public static String written(long bytes) {
        int power = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.length());
        return bytes == 0 || power == 0
                ? CountText.of(bytes, "byte")
                : (bytes >> (10 * power)) + UNITS.substring(power - 1, power);
    }

    /// For a message where the exact number decides: `8.0M (8388608 bytes)`.
    public static String exact(long bytes) {
        return bytes < 1024
                ? CountText.of(bytes, "byte")
                : rounded(bytes) + " (" + bytes + " bytes)";
    }
}
