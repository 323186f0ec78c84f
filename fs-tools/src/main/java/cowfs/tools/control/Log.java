package cowfs.tools.control;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// The daemon's log: lines with a time on a stream. Thread safe.
public final class Log {
    private final PrintStream stream;

    public Log(PrintStream stream) {
        this.stream = stream;
    }

    /// Writes one line.
    public void write(String message) {
        stream.println(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + message);
    }

    /// Writes one line and the stack trace of a defect.
    public void write(String message, Throwable defect) {
        synchronized (stream) {
            write(message);
            defect.printStackTrace(stream);
        }
    }
}
