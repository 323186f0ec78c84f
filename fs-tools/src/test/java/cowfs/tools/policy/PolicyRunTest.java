package cowfs.tools.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.tools.FakePool;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PolicyRunTest {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    private final FakePool pool = new FakePool();

    private List<String> listed() throws IOException {
        return pool.list().stream().map(each -> each.ref().toString()).sorted().toList();
    }

    @Test
    void aMonthOfRunsLeavesWhatTheRulesSay() throws IOException {
        pool.setProperty(Ref.MAIN, Property.POLICY, "15m:4 1h:3 1d:2");
        Instant now = START;
        for (int i = 0; i < 30 * 24 * 12; i++) {
            PolicyRun.run(pool, now.plusSeconds(7));
            now = now.plus(Duration.ofMinutes(5));
        }
        assertEquals(
                List.of(
                        "main",
                        "main@auto-20260329T234507Z", // the day before
                        "main@auto-20260330T214507Z", // two hours before
                        "main@auto-20260330T224507Z", // the hour before
                        "main@auto-20260330T230007Z",
                        "main@auto-20260330T231507Z",
                        "main@auto-20260330T233007Z",
                        "main@auto-20260330T234507Z"),
                listed());
    }

    @Test
    void otherSnapshotsAndHeldOnesStay() throws IOException {
        pool.snapshot(Ref.parse("main@by-hand"));
        pool.snapshot(Ref.parse("main@auto-2026"));
        pool.setProperty(Ref.MAIN, Property.POLICY, "1m:1");
        Ref first = PolicyRun.run(pool, START).taken().getFirst();
        pool.hold(first, "audit");
        Ref second = PolicyRun.run(pool, START.plusSeconds(60)).taken().getFirst();
        PolicyRun.Result third = PolicyRun.run(pool, START.plusSeconds(120));
        assertEquals(List.of(first), third.held());
        assertEquals(List.of(second), third.deleted());
        assertEquals(
                List.of(
                        "main",
                        "main@auto-2026",
                        first.toString(),
                        third.taken().getFirst().toString(),
                        "main@by-hand"),
                listed());
    }

    @Test
    void aSubvolumeWithoutAPolicyIsLeftAlone() throws IOException {
        assertEquals(
                new PolicyRun.Result(List.of(), List.of(), List.of()), PolicyRun.run(pool, START));
        assertEquals(List.of("main"), listed());
    }

    @Test
    void aBadPolicyDoesNotKeepOthersFromBeingRun() throws IOException {
        pool.createSubvolume("zebra");
        pool.setProperty(Ref.MAIN, Property.POLICY, "often");
        pool.setProperty(Ref.parse("zebra"), Property.POLICY, "1h:1");
        assertThrows(IOException.class, () -> PolicyRun.run(pool, START));
        assertEquals(List.of("main", "zebra", "zebra@auto-20260301T000000Z"), listed());
    }
}
