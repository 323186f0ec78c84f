package cowfs.error;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A command that a message tells the user to give.
public final class CommandHint {
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_@%+=:,./-]+");

    private CommandHint() {}

    /// `cowfs` with these words, as it can be pasted into a shell.
    public static String of(Object... words) {
        return Arrays.stream(words)
                .map(word -> quote(word.toString()))
                .collect(Collectors.joining(" ", "cowfs ", ""));
    }

    /// Whether a shell leaves a word as it is.
    public static boolean isPlain(String word) {
        return PLAIN.matcher(word).matches();
    }

    private static String quote(String word) {
        return isPlain(word) ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
