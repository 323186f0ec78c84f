package cowfs.tools.text;

import cowfs.file.Timestamp;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/// Points in time as people read them.
public final class Times {
    private Times() {}

    /// In the time zone of this machine, to the second, such as `2026-03-01 07:05:00`.
    public static String local(Timestamp time) {
        return format(LocalDateTime.ofInstant(time.toInstant(), ZoneId.systemDefault()));
    }

    // A DateTimeFormatter would load the data of locales, which takes longer than listing an image.
    static String format(LocalDateTime time) {
        LocalDateTime second = time.truncatedTo(ChronoUnit.SECONDS);
        String clock = second.toLocalTime().toString(); // without seconds when they are zero
        return second.toLocalDate() + " " + (clock.length() == 5 ? clock + ":00" : clock);
    }
}
