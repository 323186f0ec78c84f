package cowfs.tools.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What is known of the terminal that a standard stream leads to, if it leads to one.
public final class Terminal {
    /// The number of standard output.
    public static final int OUT = 1;

    /// The number of standard error.
    public static final int ERR = 2;

    private static final int FEWEST_COLUMNS = 20;

    private Terminal() {}

    /// Whether a stream leads to a terminal. The JDK tells only about input and output together.
    public static boolean is(int stream) {
        try {
            String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(stream)))
                            .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }

    /// Whether what goes to a stream may have colours: only on a terminal that knows them, and
    /// never where NO_COLOR is set (no-color.org).
    public static boolean hasColours(int stream) {
        return wantsColours(System.getenv("NO_COLOR"), System.getenv("TERM")) && is(stream);
    }

    static boolean wantsColours(@Nullable String noColor, @Nullable String term) {
        return (noColor == null || noColor.isEmpty()) && term != null && !term.equals("dumb");
    }

    /// The width of a line on a stream: what COLUMNS says, which the scripts that start the command
    /// set. Without bound where that is unknown, and for what is no terminal.
    public static int columns(int stream) {
        int columns = parseColumns(System.getenv("COLUMNS"));
        return columns < Integer.MAX_VALUE && is(stream) ? columns : Integer.MAX_VALUE;
    }

    static int parseColumns(@Nullable String text) {
        try {
            int columns = text == null ? 0 : Integer.parseInt(text);
            return columns < FEWEST_COLUMNS ? Integer.MAX_VALUE : columns;
        } catch (NumberFormatException e) {
            return Integer.MAX_VALUE;
        }
    }

    /// Something in bold letters.
    public static String bold(String text) {
        return "\u001b[1m" + text + "\u001b[0m";
    }

    /// Something in red.
    public static String red(String text) {
        return "\u001b[31m" + text + "\u001b[0m";
    }
}
