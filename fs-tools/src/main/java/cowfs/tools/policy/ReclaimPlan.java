package cowfs.tools.policy;

import cowfs.api.PoolOperations;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/// The snapshots to delete for some space.
///
/// Snapshots are let go in this order, without those that are held: what a policy took and no rule
/// of it keeps any more, then what policies took, then what people took, each oldest first. As many
/// are taken from the front as free enough together; then, from the last one on, each is left out
/// again without which the rest still does. So none of those that remain can be spared. What a set
/// frees is exact, and more than its snapshots free one by one when they share what nobody else
/// has.
public final class ReclaimPlan {
    private final List<SubvolumeInfo> chosen;
    private final long freedBytes;
    private final boolean enough;

    private ReclaimPlan(List<SubvolumeInfo> chosen, long freedBytes, boolean enough) {
        this.chosen = List.copyOf(chosen);
        this.freedBytes = freedBytes;
        this.enough = enough;
    }

    /// The snapshots; all that may be deleted when that is not {@link #isEnough}.
    public List<SubvolumeInfo> chosen() {
        return chosen;
    }

    /// What deleting them together frees.
    public long freedBytes() {
        return freedBytes;
    }

    public boolean isEnough() {
        return enough;
    }

    /// Makes a plan. Nothing is changed.
    ///
    /// @param bytes to free, above 0
    public static ReclaimPlan of(PoolOperations pool, long bytes) throws IOException {
        List<SubvolumeInfo> all = inOrder(pool);
        long most = freed(pool, all);
        if (most < bytes) {
            return new ReclaimPlan(all, most, false);
        }
        List<SubvolumeInfo> chosen = new ArrayList<>(all.subList(0, shortest(pool, all, bytes)));
        for (int i = chosen.size() - 1; i >= 0; i--) {
            SubvolumeInfo spared = chosen.remove(i);
            if (freed(pool, chosen) < bytes) {
                chosen.add(i, spared);
            }
        }
        return new ReclaimPlan(chosen, freed(pool, chosen), true);
    }

    /// How many from the front free enough: more of them never free less.
    private static int shortest(PoolOperations pool, List<SubvolumeInfo> all, long bytes)
            throws IOException {
        int tooFew = 0;
        int enough = all.size();
        while (enough - tooFew > 1) {
            int middle = (tooFew + enough) >>> 1;
            if (freed(pool, all.subList(0, middle)) >= bytes) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        return enough;
    }

    private static long freed(PoolOperations pool, List<SubvolumeInfo> snapshots)
            throws IOException {
        return snapshots.isEmpty()
                ? 0
                : pool.freedByDeleting(snapshots.stream().map(SubvolumeInfo::ref).toList())
                        .totalBytes();
    }

    private static List<SubvolumeInfo> inOrder(PoolOperations pool) throws IOException {
        Map<String, Set<Instant>> taken = new HashMap<>();
        Map<SubvolumeInfo, Integer> ranks = new HashMap<>();
        Map<String, String> policies = new HashMap<>();
        List<SubvolumeInfo> free = new ArrayList<>();
        for (SubvolumeInfo each : pool.list()) {
            Ref ref = each.ref();
            SortedMap<String, String> properties = pool.properties(ref);
            if (!ref.isSnapshot()) {
                policies.put(ref.subvolume(), properties.getOrDefault(Property.POLICY, ""));
                continue;
            }
            Instant time = PolicyRun.timeOf(ref);
            if (time != null) {
                taken.computeIfAbsent(ref.subvolume(), _ -> new HashSet<>()).add(time);
            }
            if (!Property.isHeld(properties)) {
                free.add(each);
            }
        }
        for (SubvolumeInfo each : free) {
            Instant time = PolicyRun.timeOf(each.ref());
            String policy = policies.getOrDefault(each.ref().subvolume(), "");
            int rank = time == null ? 2 : 1;
            if (time != null
                    && !policy.isEmpty()
                    && !SnapshotPolicy.parse(policy)
                            .kept(taken.getOrDefault(each.ref().subvolume(), Set.of()))
                            .contains(time)) {
                rank = 0;
            }
            ranks.put(each, rank);
        }
        free.sort(
                Comparator.comparing((SubvolumeInfo each) -> ranks.getOrDefault(each, 2))
                        .thenComparing(each -> each.created().toInstant())
                        .thenComparing(SubvolumeInfo::treeId));
        return free;
    }
}
