package cowfs.tools.control;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.util.Arrays;
import java.util.Locale;

/// How much a daemon's log tells. Each tells what those behind it do, too.
public enum LogLevel {
    /// Each commit and what waits, for who looks for a fault.
    DEBUG(System.Logger.Level.DEBUG),
    /// What a person wants to know later: the default.
    INFO(System.Logger.Level.INFO),
    /// What somebody should look at.
    WARNING(System.Logger.Level.WARNING),
    /// What has failed.
    ERROR(System.Logger.Level.ERROR);

    private final System.Logger.Level level;

    LogLevel(System.Logger.Level level) {
        this.level = level;
    }

    System.Logger.Level level() {
        return level;
    }

    static LogLevel of(System.Logger.Level threshold) {
        return Arrays.stream(values())
                .filter(each -> each.level.getSeverity() >= threshold.getSeverity())
                .findFirst()
                .orElse(ERROR);
    }

    /// The level of this process's log.
    public static LogLevel ofThisProcess() {
        return of(EngineLog.threshold());
    }

    /// Sets the level of this process's log.
    public void apply() {
        EngineLog.setThreshold(level);
    }

    /// Its word, as in a command.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws RequestException `INVALID` when there is none of this name
    public static LogLevel parse(String word) throws RequestException {
        for (LogLevel level : values()) {
            if (level.word().equals(word.toLowerCase(Locale.ROOT))) {
                return level;
            }
        }
        throw new RequestException(
                ErrorKind.INVALID,
                "there is no log level '" + word + "'; there are debug, info, warning and error");
    }
}
