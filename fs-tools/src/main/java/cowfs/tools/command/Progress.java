package cowfs.tools.command;

import cowfs.tools.text.Sizes;
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
    private long firstNanos;
    private long firstBytes;

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

    /// The same, or how many bytes when the total is 0 and nobody knows it, with the rate since the
    /// first call, and the time that is left at that rate.
    void showRate(long doneBytes, long totalBytes) {
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
        err.print(ERASE_LINE + verb + rate(now - firstNanos, doneBytes, totalBytes));
        err.flush();
    }

    private String rate(long nanos, long doneBytes, long totalBytes) {
        long percent = totalBytes <= 0 ? 0 : Math.min(99, doneBytes * 100 / totalBytes);
        double perSecond = (doneBytes - firstBytes) / (nanos / 1e9);
        String done = totalBytes <= 0 ? Sizes.format(doneBytes) : percent + "%";
        String text = " " + done + ", " + Sizes.format((long) perSecond) + "/s";
        if (perSecond < 1 || totalBytes <= doneBytes) {
            return text;
        }
        long seconds = (long) ((totalBytes - doneBytes) / perSecond);
        return text
                + (seconds >= 3600
                        ? ", " + seconds / 3600 + "h " + seconds / 60 % 60 + "m left"
                        : ", " + seconds / 60 + "m " + seconds % 60 + "s left");
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
