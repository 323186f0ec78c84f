package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.file.Timestamp;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

final class TimesTest {
    @Test
    void secondsAreAlwaysShownAndPartsOfThemNever() {
        assertEquals(
                "2026-03-01 07:05:00", Times.format(LocalDateTime.of(2026, 3, 1, 7, 5, 0, 999)));
        assertEquals(
                "2026-12-31 23:59:09", Times.format(LocalDateTime.of(2026, 12, 31, 23, 59, 9)));
        assertEquals("1969-12-31 00:00:00", Times.format(LocalDateTime.of(1969, 12, 31, 0, 0)));
    }

    @Test
    void isInTheTimeZoneOfTheMachine() {
        LocalDateTime noon = LocalDateTime.of(2026, 7, 1, 12, 0, 1);
        long seconds = noon.atZone(ZoneId.systemDefault()).toEpochSecond();
        assertEquals("2026-07-01 12:00:01", Times.local(new Timestamp(seconds, 5)));
    }
}
