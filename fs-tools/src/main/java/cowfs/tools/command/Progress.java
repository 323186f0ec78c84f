package cowfs.tools.command;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// A line on stderr that shows how far something is, when stderr is a terminal.
///
/// Not thread safe. Shows nothing that is done within half a second.
final class Progress implements Closeable {
    private static final long INTERVAL_NANOS = Duration.ofMillis(500).toNanos();
    private static final String ERASE_LINE = "\r\u001b[K";

    private final boolean visible;
    private final String verb;
    private final PrintStream err = System.err;
    private long lastShown = System.nanoTime();
    private boolean shown;

    static Progress onTerminal(String verb) {
        return new Progress(isTerminal(), verb);
    }

    private Progress(boolean visible, String verb) {
        this.visible = visible;
        this.verb = verb;
    }

    void show(long done, long total) {
        long now = System.nanoTime();
        if (!visible || now - lastShown < INTERVAL_NANOS) {
            return;
        }
        lastShown = now;
        shown = true;
        long percent = total <= 0 ? 0 : Math.min(99, done * 100 / total);
        err.print(ERASE_LINE + verb + " " + percent + "%");
        err.flush();
    }

    @Override
    public void close() {
        if (shown) {
            err.print(ERASE_LINE);
            err.flush();
        }
    }

    /// The JDK tells only about input and output together.
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }
}
