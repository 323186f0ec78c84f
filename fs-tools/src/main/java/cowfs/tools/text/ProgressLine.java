package cowfs.tools.text;

/// One line that shows how far something is: a bar, a percentage, a rate and the time that is left.
///
/// Text alone; who shows it decides when and where.
public final class ProgressLine {
    private static final int WIDEST_BAR = 40;
    private static final int NARROWEST_BAR = 5;
    private static final int UNKNOWN_WIDTH = 80;

    private ProgressLine() {}

    /// @param verb such as `checked`
    /// @param totalBytes an estimate; never shows more than 99%, as it is done only when it ends. 0
    ///   when nobody knows
    /// @param bytesPerSecond 0 or less when it is not known yet
    /// @param columns the width of the terminal; the bar takes what the words leave
    public static String text(
            String verb, long doneBytes, long totalBytes, double bytesPerSecond, int columns) {
        int percent =
                totalBytes <= 0 ? 0 : (int) Math.clamp(100.0 * doneBytes / totalBytes, 0.0, 99.0);
        String words = " " + (totalBytes <= 0 ? Sizes.format(doneBytes) : percent + "%");
        if (bytesPerSecond >= 1) {
            words += "  " + Sizes.format((long) bytesPerSecond) + "/s";
            if (totalBytes > doneBytes) {
                words += "  " + left((long) ((totalBytes - doneBytes) / bytesPerSecond));
            }
        }
        int width = columns == Integer.MAX_VALUE ? UNKNOWN_WIDTH : columns;
        // the last column stays free: a terminal may wrap there
        int room = width - 1 - verb.length() - words.length() - 3;
        String bar =
                room < NARROWEST_BAR || totalBytes <= 0
                        ? ""
                        : " " + bar(percent, Math.min(WIDEST_BAR, room));
        String line = verb + bar + words;
        return line.length() < width ? line : line.substring(0, width - 1);
    }

    private static String bar(int percent, int width) {
        int full = width * percent / 100;
        return "[" + "#".repeat(full) + "-".repeat(width - full) + "]";
    }

    private static String left(long seconds) {
        if (seconds >= 3600) {
            return seconds / 3600 + "h " + seconds / 60 % 60 + "m left";
        }
        return seconds >= 60 ? seconds / 60 + "m " + seconds % 60 + "s left" : seconds + "s left";
    }
}
