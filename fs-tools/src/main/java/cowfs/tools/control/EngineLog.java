package cowfs.tools.control;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/// Brings what the engine, the FUSE adapter and their libraries tell through `System.Logger` into
/// the log of this process, in the same lines as the rest.
///
/// It takes the place of `java.util.logging`, which a command that has nothing to tell would load
/// all the same. Found by the JDK as a service. Thread safe.
public final class EngineLog extends System.LoggerFinder {
    private static volatile Sink sink = (message, thrown) -> {};
    private static volatile System.Logger.Level threshold = System.Logger.Level.INFO;

    /// Sends everything there from now on.
    public static void sendTo(Sink target) {
        sink = target;
    }

    /// What is told from now on: this level and those above.
    public static void setThreshold(System.Logger.Level level) {
        threshold = level;
    }

    /// What is told now.
    public static System.Logger.Level threshold() {
        return threshold;
    }

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new Named(name);
    }

    /// Where lines go.
    @FunctionalInterface
    public interface Sink {
        void write(String message, @Nullable Throwable thrown);
    }

    private record Named(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            return level != Level.OFF && level.getSeverity() >= threshold.getSeverity();
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String message,
                @Nullable Throwable thrown) {
            if (isLoggable(level)) {
                sink.write(String.valueOf(message), thrown);
            }
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String format,
                @Nullable Object @Nullable ... values) {
            if (isLoggable(level)) {
                String message = String.valueOf(format);
                sink.write(
                        values == null || values.length == 0
                                ? message
                                : MessageFormat.format(message, values),
                        null);
            }
        }
    }
}
