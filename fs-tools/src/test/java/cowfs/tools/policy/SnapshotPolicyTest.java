package cowfs.tools.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SnapshotPolicyTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void rulesAreReadInTheirUnits() throws RequestException {
        List<SnapshotPolicy.Rule> rules = SnapshotPolicy.parse(" 15m:4  2h:24 1d:30 1w:8 ").rules();
        assertEquals(
                List.of(
                        new SnapshotPolicy.Rule(Duration.ofMinutes(15), 4),
                        new SnapshotPolicy.Rule(Duration.ofHours(2), 24),
                        new SnapshotPolicy.Rule(Duration.ofDays(1), 30),
                        new SnapshotPolicy.Rule(Duration.ofDays(7), 8)),
                rules);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hourly",
                "1h",
                "1h:",
                "1h:0",
                "0m:3",
                "1h:-1",
                "1s:4",
                "1h:4 1h:5",
                "1d:1 1h:5",
                "1h:12345",
                "99999d:1",
                "1m:1 2m:1 3m:1 4m:1 5m:1 6m:1 7m:1 8m:1 9m:1 10m:1 11m:1"
            })
    void nonsenseIsRefused(String text) {
        RequestException refused =
                assertThrows(RequestException.class, () -> SnapshotPolicy.parse(text));
        assertEquals(ErrorKind.INVALID, refused.kind());
        assertTrue(String.valueOf(refused.getMessage()).contains("'15m:4 1h:24"), text);
    }

    @Test
    void oneIsDueWhenTheRunningPeriodHasNone() throws RequestException {
        SnapshotPolicy policy = SnapshotPolicy.parse("15m:4 1h:2");
        assertTrue(policy.isDue(List.of(), NOON));
        assertTrue(policy.isDue(List.of(NOON.minusSeconds(1)), NOON));
        assertFalse(policy.isDue(List.of(NOON), NOON.plusSeconds(899)));
        assertTrue(policy.isDue(List.of(NOON), NOON.plusSeconds(900)));
        assertTrue(
                policy.isDue(List.of(NOON.plusSeconds(60)), NOON), "the clock was set back since");
    }

    @Test
    void theNewestOfEachPeriodStays() throws RequestException {
        SnapshotPolicy policy = SnapshotPolicy.parse("1h:2 1d:2");
        Instant early = NOON.minus(Duration.ofHours(5));
        Instant yesterday = NOON.minus(Duration.ofDays(1));
        Instant before = NOON.minus(Duration.ofDays(2));
        assertEquals(
                Set.of(NOON.plusSeconds(60), early, yesterday),
                policy.kept(
                        List.of(
                                NOON,
                                NOON.plusSeconds(60),
                                early,
                                yesterday,
                                yesterday.minusSeconds(7200),
                                before)));
        assertEquals(Set.of(), policy.kept(List.of()));
    }
}
