package cowfs.error;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A command that a message tells the user to give.
public final class CommandHint {
    /// Stands in a hint for the pool that it is about, where that has no name: {@link #inPool} puts
    /// in what the user calls it.
    public static final String POOL = "POOL";

    private static final Pattern UNNAMED = Pattern.compile("\\b(cowfs(?: [a-z-]+)+) POOL\\b");
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_@%+=:,./-]+");

    private CommandHint() {}

    /// `cowfs` with these words, as it can be pasted into a shell.
    public static String of(Object... words) {
        return Arrays.stream(words)
                .map(word -> quote(word.toString()))
                .collect(Collectors.joining(" ", "cowfs ", ""));
    }

    /// The same message whose commands name the pool.
    ///
    /// @param pool as the user has named it
    public static String inPool(String message, Object pool) {
        return UNNAMED.matcher(message)
                .replaceAll("$1 " + Matcher.quoteReplacement(quote(pool.toString())));
    }

    /// The same failure with a message whose commands name the pool.
    ///
    /// @param pool as the user has named it
    public static CowException inPool(CowException failure, Object pool) {
        String message = String.valueOf(failure.getMessage());
        String named = inPool(message, pool);
        return named.equals(message)
                ? failure
                : new RequestException(failure.kind(), named, failure);
    }

    /// Whether a shell leaves a word as it is.
    public static boolean isPlain(String word) {
        return PLAIN.matcher(word).matches();
    }

    private static String quote(String word) {
        return isPlain(word) ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
