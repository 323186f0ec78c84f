package cowfs.tools.control;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/// Brings what the engine and the FUSE adapter tell through the JDK's logging into a log of this
/// process, in the same lines as the rest. Thread safe.
public final class JdkLog extends Handler {
    /// The JDK holds loggers weakly, with their settings.
    private static final Logger ROOT = Logger.getLogger("");

    private final SimpleFormatter messages = new SimpleFormatter();
    private final Sink sink;

    private JdkLog(Sink sink) {
        this.sink = sink;
    }

    /// Sends everything there from now on.
    public static void sendTo(Sink sink) {
        for (Handler handler : ROOT.getHandlers()) {
            ROOT.removeHandler(handler);
        }
        ROOT.addHandler(new JdkLog(sink));
    }

    @Override
    public void publish(LogRecord entry) {
        if (entry.getLevel().intValue() >= Level.INFO.intValue()) {
            sink.write(messages.formatMessage(entry), entry.getThrown());
        }
    }

    @Override
    public void flush() {
        // a sink keeps nothing back
    }

    @Override
    public void close() {
        // a sink belongs to who made it
    }

    /// Where lines go.
    @FunctionalInterface
    public interface Sink {
        void write(String message, @Nullable Throwable thrown);
    }
}
