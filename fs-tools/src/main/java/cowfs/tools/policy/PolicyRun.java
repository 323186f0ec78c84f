package cowfs.tools.policy;

import cowfs.api.PoolOperations;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Does what the policies of a pool's subvolumes ask for at one moment: takes the snapshots that
/// are due and deletes those that no rule keeps.
///
/// A snapshot belongs to the policy when its name is `auto-` with the UTC time at which it was
/// taken, such as `main@auto-20261126T104200Z`. Rename nothing to that: it would be thinned out.
public final class PolicyRun {
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("'auto-'uuuuMMdd'T'HHmmss'Z'");

    private final PoolOperations pool;
    private final Instant now;
    private final List<Ref> taken = new ArrayList<>();
    private final List<Ref> deleted = new ArrayList<>();
    private final List<Ref> held = new ArrayList<>();

    /// What a run did.
    ///
    /// @param taken snapshots
    /// @param deleted snapshots
    /// @param held snapshots that no rule keeps, but a hold
    public record Result(List<Ref> taken, List<Ref> deleted, List<Ref> held) {}

    private PolicyRun(PoolOperations pool, Instant now) {
        this.pool = pool;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
    }

    /// Runs the policies of all subvolumes.
    ///
    /// @throws IOException what one of them failed with; those of the other subvolumes were run
    public static Result run(PoolOperations pool, Instant now) throws IOException {
        PolicyRun run = new PolicyRun(pool, now);
        Map<String, Map<Instant, Ref>> bySubvolume = new TreeMap<>();
        for (SubvolumeInfo each : pool.list()) {
            Map<Instant, Ref> mine =
                    bySubvolume.computeIfAbsent(each.ref().subvolume(), _ -> new HashMap<>());
            Instant time = timeOf(each.ref());
            if (time != null) {
                mine.put(time, each.ref());
            }
        }
        IOException failure = null;
        for (Map.Entry<String, Map<Instant, Ref>> each : bySubvolume.entrySet()) {
            try {
                run.subvolume(new Ref(each.getKey(), null), each.getValue());
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        return new Result(run.taken, run.deleted, run.held);
    }

    /// The name that a snapshot gets that a policy takes.
    public static Ref nameFor(String subvolume, Instant time) {
        return new Ref(subvolume, NAME.format(time.atOffset(ZoneOffset.UTC)));
    }

    private void subvolume(Ref subvolume, Map<Instant, Ref> snapshots) throws IOException {
        String text = pool.properties(subvolume).get(Property.POLICY);
        if (text == null) {
            return;
        }
        SnapshotPolicy policy = SnapshotPolicy.parse(text);
        if (policy.isDue(snapshots.keySet(), now)) {
            Ref snapshot = nameFor(subvolume.subvolume(), now);
            pool.snapshot(snapshot);
            snapshots.put(now, snapshot);
            taken.add(snapshot);
        }
        Set<Instant> kept = policy.kept(snapshots.keySet());
        List<Ref> doomed = new ArrayList<>();
        for (Map.Entry<Instant, Ref> each : new TreeMap<>(snapshots).entrySet()) {
            if (!kept.contains(each.getKey())) {
                (isHeld(each.getValue()) ? held : doomed).add(each.getValue());
            }
        }
        if (!doomed.isEmpty()) {
            pool.delete(doomed);
            deleted.addAll(doomed);
        }
    }

    private boolean isHeld(Ref snapshot) throws IOException {
        return Property.isHeld(pool.properties(snapshot));
    }

    /// When a policy took a snapshot; null when none did.
    public static @Nullable Instant timeOf(Ref ref) {
        if (ref.snapshot() == null) {
            return null;
        }
        try {
            return LocalDateTime.parse(ref.snapshot(), NAME).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException ofSomebodyElse) {
            return null;
        }
    }
}
