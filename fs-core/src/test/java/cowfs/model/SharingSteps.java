package cowfs.model;

import cowfs.api.Pool;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.SendRequest;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Volume;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Random steps on snapshots as a whole: holds, purges, and streams from the pool to itself.
final class SharingSteps {
    private final Choice choice;
    private final PoolSteps pools;

    SharingSteps(Choice choice, PoolSteps pools) {
        this.choice = choice;
        this.pools = pools;
    }

    /// Keeps something from being deleted, often what is kept already.
    Step hold() throws IOException {
        Ref ref = anything();
        String tag = tag();
        return Step.growing(
                "hold " + ref + " for " + tag,
                side -> {
                    side.pool().hold(ref, tag);
                    return holds(side.pool(), ref);
                });
    }

    Step release() throws IOException {
        Ref ref = anything();
        String tag = tag();
        return Step.growing(
                "release " + ref + " for " + tag,
                side -> {
                    side.pool().release(ref, tag);
                    return holds(side.pool(), ref);
                });
    }

    /// Also a purge leaves a property, with the number of its transaction group.
    private static String holds(Pool pool, Ref ref) throws IOException {
        return pool.properties(ref).keySet().stream()
                .filter(name -> name.startsWith(Property.HOLD_PREFIX))
                .toList()
                .toString();
    }

    private Ref anything() throws IOException {
        List<Ref> snapshots = choice.refs(true);
        return snapshots.isEmpty() || choice.oneIn(3) ? choice.subvolume() : choice.of(snapshots);
    }

    private String tag() {
        return "tag" + choice.below(2);
    }

    /// Removes something from one snapshot, or from all.
    @Nullable Step purge() throws IOException {
        List<Ref> snapshots = choice.refs(true);
        if (snapshots.isEmpty()) {
            return null;
        }
        Ref ref = choice.of(snapshots);
        Place place = choice.anything(ref);
        if (place == null) {
            return null;
        }
        List<Ref> from = choice.oneIn(3) ? List.of() : List.of(ref);
        return Step.growing(
                "purge " + place + " from " + from,
                side -> {
                    List<Ref> purged = side.pool().purge(place.filePath(), from);
                    return purged + PoolSteps.listing(side.pool());
                });
    }

    /// Sends a snapshot, or what it differs in from another, and receives it in the same pool.
    @Nullable Step sendAndReceive() throws IOException {
        List<Ref> snapshots = choice.refs(true);
        if (snapshots.isEmpty() || pools.isFull()) {
            return null;
        }
        Ref snapshot = choice.of(snapshots);
        Ref base = choice.oneIn(2) ? choice.of(snapshots) : null;
        String name =
                base == null || choice.oneIn(3)
                        ? pools.subvolumeName()
                        : choice.subvolume().subvolume();
        return Step.growing(
                "send " + snapshot + (base == null ? "" : " from " + base) + " into " + name,
                side -> {
                    Pool pool = side.pool();
                    ByteArrayOutputStream stream = new ByteArrayOutputStream();
                    pool.streams().send(new SendRequest(snapshot, base, null, false, null), stream);
                    keepOpen(pool, name);
                    receive(pool, name, stream.toByteArray());
                    return PoolSteps.listing(pool);
                });
    }

    /// A live subvolume that somebody has open does not follow what is received.
    private static void keepOpen(Pool pool, String name) throws IOException {
        Ref live = new Ref(name, null);
        if (pool.list().stream().anyMatch(each -> each.ref().equals(live))) {
            pool.volume(live).getAttributes(Volume.ROOT_INODE);
        }
    }

    /// What a receive that found no space has received is given up.
    private static void receive(Pool pool, String name, byte[] stream) throws IOException {
        try {
            pool.streams().receive(name, new ByteArrayInputStream(stream));
        } catch (CowException refused) {
            if (refused.kind() == ErrorKind.NO_SPACE && pool.streams().receiveToken(name) != null) {
                pool.streams().abortReceive(name);
            }
            throw refused;
        }
    }

    /// Snapshots and subvolumes whose files of one number can be the same.
    static List<Ref> related(Choice choice, Ref to) throws IOException {
        List<Ref> all = new ArrayList<>(choice.refs(true));
        all.addAll(choice.refs(false));
        long lineage = choice.lineage(to);
        List<Ref> related = new ArrayList<>();
        for (Ref each : all) {
            if (choice.lineage(each) == lineage) {
                related.add(each);
            }
        }
        return related;
    }
}
