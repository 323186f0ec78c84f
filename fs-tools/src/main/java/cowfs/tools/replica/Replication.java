package cowfs.tools.replica;

import cowfs.api.BookmarkInfo;
import cowfs.api.BookmarkRef;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.policy.PolicyRun;
import cowfs.tools.policy.SnapshotPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Brings a replica of a subvolume up to date.
///
/// What was cut the last time goes on where it was. Then all snapshots that came after the newest
/// one that both sides have are sent, in one stream of increments; to a new replica all there are.
/// When all that both had are deleted here, the newest bookmark of one is what they start from. At
/// last both sides are thinned, if that is wanted: by the rules of policies, which only ever delete
/// what policies took, and never what is held or the newest that both have.
public final class Replication {
    private final PoolOperations pool;
    private final String subvolume;
    private final ReplicaSide other;
    private final UnaryOperator<OutputStream> watch;

    /// What was done.
    ///
    /// @param sent snapshots that the replica has got, oldest first
    /// @param deleted on this side
    /// @param deletedThere on the other side
    public record Result(List<Ref> sent, List<Ref> deleted, List<Ref> deletedThere) {}

    private Replication(
            PoolOperations pool,
            String subvolume,
            ReplicaSide other,
            UnaryOperator<OutputStream> watch) {
        this.pool = pool;
        this.subvolume = subvolume;
        this.other = other;
        this.watch = watch;
    }

    /// To another pool of this machine.
    ///
    /// @param called as the user calls the target
    /// @param watch sees what is sent
    public static Replication to(
            String called,
            PoolOperations target,
            String name,
            PoolOperations pool,
            String subvolume,
            UnaryOperator<OutputStream> watch) {
        return new Replication(pool, subvolume, new PoolSide(called, target, name), watch);
    }

    /// To a pool that a command reaches.
    public static Replication to(
            String command,
            String target,
            String name,
            PoolOperations pool,
            String subvolume,
            UnaryOperator<OutputStream> watch)
            throws RequestException {
        return new Replication(pool, subvolume, new CommandSide(command, target, name), watch);
    }

    /// @param keep what thins both sides; null for nothing
    /// @param bookmark of the newest snapshot that both sides have, once all is sent; null for none
    public Result run(@Nullable SnapshotPolicy keep, @Nullable BookmarkRef bookmark)
            throws IOException {
        List<Ref> sent = new ArrayList<>();
        SequencedMap<Ref, UUID> mine = pool.streams().identities(subvolume);
        if (mine.isEmpty()) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND,
                    "'"
                            + subvolume
                            + "' has no snapshot to replicate: take one, or let --snapshot do it");
        }
        Set<UUID> before = Set.copyOf(other.identities().values());
        goOn();
        sendMissing(mine);
        SequencedMap<Ref, UUID> there = other.identities();
        mine.forEach(
                (ref, identity) -> {
                    if (there.containsValue(identity) && !before.contains(identity)) {
                        sent.add(ref);
                    }
                });
        if (bookmark != null) {
            moveBookmark(bookmark, mine, newestCommon(mine, there));
        }
        if (keep == null) {
            return new Result(sent, List.of(), List.of());
        }
        UUID common = mine.get(newestCommon(mine, there));
        List<Ref> here =
                thinnedOut(mine, common, keep, new PoolSide(CommandHint.POOL, pool, subvolume));
        return new Result(sent, here, thinnedOut(there, common, keep, other));
    }

    /// Ends what was cut the last time, or gives it up when its snapshot is no longer there.
    private void goOn() throws IOException {
        String token = other.token();
        if (token == null) {
            return;
        }
        try {
            send(SendRequest.resuming(token));
        } catch (RequestException gone) {
            if (gone.kind() != ErrorKind.NOT_FOUND) {
                throw gone;
            }
            other.abort();
        }
    }

    private void sendMissing(SequencedMap<Ref, UUID> mine) throws IOException {
        SequencedMap<Ref, UUID> there = other.identities();
        Ref newest = mine.lastEntry().getKey();
        Ref common = newestCommon(mine, there);
        if (newest.equals(common)) {
            return;
        }
        if (common == null && !there.isEmpty()) {
            BookmarkRef bookmark = newestBookmark(there);
            if (bookmark != null) {
                send(new SendRequest(newest, null, bookmark, true, null));
                return;
            }
            throw new RequestException(
                    ErrorKind.INVALID,
                    "the other side has snapshots of that name, and none of them is one of '"
                            + subvolume
                            + "', nor is there a bookmark of one: give the replica another name"
                            + " with --as");
        }
        send(new SendRequest(newest, common, null, true, null));
    }

    /// The newest bookmark of a snapshot that the other side has.
    private @Nullable BookmarkRef newestBookmark(SequencedMap<Ref, UUID> there) throws IOException {
        BookmarkRef found = null;
        for (BookmarkInfo each : pool.bookmarks()) {
            if (each.ref().subvolume().equals(subvolume) && there.containsValue(each.snapshot())) {
                found = each.ref();
            }
        }
        return found;
    }

    private void moveBookmark(
            BookmarkRef bookmark, SequencedMap<Ref, UUID> mine, @Nullable Ref common)
            throws IOException {
        if (common == null) {
            return;
        }
        for (BookmarkInfo each : pool.bookmarks()) {
            if (each.ref().equals(bookmark)) {
                if (each.snapshot().equals(mine.get(common))) {
                    return;
                }
                pool.deleteBookmarks(List.of(bookmark));
            }
        }
        pool.createBookmark(common, bookmark.name());
    }

    private static @Nullable Ref newestCommon(
            SequencedMap<Ref, UUID> mine, SequencedMap<Ref, UUID> there) {
        for (Map.Entry<Ref, UUID> each : mine.reversed().entrySet()) {
            if (there.containsValue(each.getValue())) {
                return each.getKey();
            }
        }
        return null;
    }

    private void send(SendRequest request) throws IOException {
        other.receive(target -> pool.streams().send(request, watch.apply(target)));
    }

    private static List<Ref> thinnedOut(
            SequencedMap<Ref, UUID> snapshots,
            @Nullable UUID common,
            SnapshotPolicy keep,
            ReplicaSide side)
            throws IOException {
        Map<Instant, Ref> taken = new HashMap<>();
        for (Ref each : snapshots.keySet()) {
            Instant time = PolicyRun.timeOf(each);
            if (time != null) {
                taken.put(time, each);
            }
        }
        Set<Instant> kept = keep.kept(taken.keySet());
        List<Ref> doomed = new ArrayList<>();
        for (Map.Entry<Ref, UUID> each : snapshots.entrySet()) {
            Instant time = PolicyRun.timeOf(each.getKey());
            if (time != null && !kept.contains(time) && !each.getValue().equals(common)) {
                doomed.add(each.getKey());
            }
        }
        if (!doomed.isEmpty()) {
            doomed.removeAll(side.held(doomed));
        }
        if (!doomed.isEmpty()) {
            side.delete(doomed);
        }
        return doomed;
    }
}
