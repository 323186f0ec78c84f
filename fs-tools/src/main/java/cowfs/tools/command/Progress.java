package cowfs.tools.command;

import cowfs.tools.text.ProgressLine;
import cowfs.tools.text.Terminal;
import java.io.Closeable;
import java.io.PrintStream;
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
    private long firstNanos;
    private long firstBytes;

    static Progress onTerminal(String verb) {
        return new Progress(Terminal.is(Terminal.ERR), verb);
    }

    private Progress(boolean visible, String verb) {
        this.visible = visible;
        this.verb = verb;
    }

    /// Shows how far it is, with the rate since the first call and the time that is left at it; how
    /// many bytes when the total is 0 and nobody knows it.
    void show(long doneBytes, long totalBytes) {
        long now = System.nanoTime();
        if (firstNanos == 0) {
            firstNanos = now;
            firstBytes = doneBytes;
        }
        if (!visible || now - lastShown < INTERVAL_NANOS) {
            return;
        }
        lastShown = now;
        shown = true;
        double perSecond = (doneBytes - firstBytes) / ((now - firstNanos) / 1e9);
        err.print(
                ERASE_LINE
                        + ProgressLine.text(
                                verb,
                                doneBytes,
                                totalBytes,
                                perSecond,
                                Terminal.columns(Terminal.ERR)));
        err.flush();
    }

    @Override
    public void close() {
        if (shown) {
            err.print(ERASE_LINE);
            err.flush();
        }
    }
}
