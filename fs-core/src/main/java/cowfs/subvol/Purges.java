package cowfs.subvol;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.ItemKind;
import cowfs.format.PropertyItem;
import cowfs.format.SubvolumeItem;
import cowfs.txn.CommitContext;
import cowfs.txn.PoolStore;
import cowfs.txn.SpaceClaim;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.UUID;

/// Gives a snapshot another content, for a purge.
///
/// A snapshot never changes, so its content is replaced as a whole: a hidden clone of it is changed
/// at leisure, and then one transaction group gives its tree to the snapshot.
///
/// ```
///   main@a  -> R5              main@a -> R5 (shared)            main@a -> R9   new UUID, logged
///                     begin    hidden -> R5           publish
///                    ------->  hidden -> R9 (changed) ------->  R5: to reclaim
/// ```
///
/// Until then the snapshot is what it was. What a crash leaves of a hidden clone is deleted when
/// the image is opened for writing.
///
/// A snapshot whose content was replaced has another UUID: it is no longer what was sent to another
/// image, so it can't be the base of an increment. A property `purged:TXG` says what was removed,
/// and goes on to clones.
///
/// Thread safe.
public final class Purges {
    /// What the name of a property begins with that logs a purge.
    public static final String LOG_PREFIX = "purged:";

    /// What the names of hidden clones begin with, which no list shows.
    private static final String HIDDEN = SubvolumeItem.HIDDEN + "purge:";

    /// Only the last purges of a snapshot are logged, so that properties do not run out.
    static final int MAX_LOGGED = 16;

    private final PoolStore store;
    private final Subvolumes subvolumes;
    private final Reclaim reclaim;

    public Purges(PoolStore store, Subvolumes subvolumes, Reclaim reclaim) {
        this.store = store;
        this.subvolumes = subvolumes;
        this.reclaim = reclaim;
    }

    /// Refuses what must stay as it is.
    ///
    /// @throws RequestException `BUSY` for a snapshot that is held, `INVALID` for what is none
    public void requireAllowed(Subvolume snapshot) throws IOException {
        if (!snapshot.isSnapshot()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + snapshot.fullName() + "' is no snapshot: remove its files with rm");
        }
        SortedMap<String, String> properties = subvolumes.properties(snapshot);
        Holds.requireNone(snapshot.fullName(), properties);
        if (logs(properties).size() < MAX_LOGGED) {
            Properties.requireRoom(properties, LOG_PREFIX);
        }
        subvolumes.requireNotSent(snapshot);
    }

    /// Deletes hidden clones that a crash has left. To be called before the first purge.
    public void removeLeft() throws IOException {
        subvolumes.deleteHidden(HIDDEN);
    }

    /// Makes a hidden clone of a snapshot, to be changed.
    ///
    /// @throws RequestException `NO_SPACE`, `NOT_FOUND`, `EXISTS` while it is being purged already
    public Subvolume begin(Subvolume snapshot) throws IOException {
        String hidden = HIDDEN + snapshot.treeId();
        synchronized (subvolumes) {
            return subvolumes.cloneSubvolume(
                    snapshot.subvolumeName(), snapshot.item().name(), hidden);
        }
    }

    /// Gives up a hidden clone.
    public void abandon(Subvolume hidden) throws IOException {
        subvolumes.delete(List.of(hidden));
    }

    /// Gives a snapshot the content of its hidden clone, which is gone then. Nobody changes that
    /// any more. Whoever has the snapshot open is cut off with `STALE`.
    ///
    /// @param log what was removed; what is too long for a property is cut off
    /// @throws RequestException `NOT_FOUND`, `BUSY`, `NO_SPACE`
    public void publish(Subvolume snapshot, Subvolume hidden, String log) throws IOException {
        synchronized (subvolumes) {
            subvolumes.get(snapshot.subvolumeName(), snapshot.item().name());
            requireAllowed(snapshot);
            SortedMap<String, String> properties = subvolumes.properties(hidden);
            store.submit(
                    SpaceClaim.FREEING,
                    6 + properties.size(),
                    () -> {
                        store.replaceTree(snapshot.treeId());
                        store.forgetTree(hidden.treeId());
                    },
                    context -> publish(context, snapshot.treeId(), hidden.treeId(), log));
            subvolumes.names().forget(hidden.treeId());
        }
        reclaim.wake();
    }

    private static void publish(CommitContext context, long snapshot, long hidden, String log)
            throws IOException {
        SubvolumeItem old =
                Objects.requireNonNull(context.lookupSubvolume(snapshot), "it is listed");
        SubvolumeItem fresh =
                Objects.requireNonNull(context.lookupSubvolume(hidden), "it is listed");
        Reclaim.leave(context, context.newTreeId(), old);
        context.rootTree().remove(hidden, ItemKind.SUBVOLUME.number(), 0);
        Properties.removeAll(context.rootTree(), hidden);
        context.putSubvolume(snapshot, old.purgedTo(fresh, UUID.randomUUID(), context.txg()));
        List<String> logged = logs(Properties.read(context.rootTree(), snapshot));
        for (int i = 0; i <= logged.size() - MAX_LOGGED; i++) {
            Properties.put(context.rootTree(), snapshot, logged.get(i), null);
        }
        // digits for their order as text
        String name = LOG_PREFIX + String.format("%019d", context.txg());
        Properties.put(context.rootTree(), snapshot, name, cut(log));
    }

    /// The properties that tell of purges, oldest first.
    private static List<String> logs(SortedMap<String, String> properties) {
        return properties.keySet().stream().filter(name -> name.startsWith(LOG_PREFIX)).toList();
    }

    private static String cut(String log) {
        String cut = log.replace('\0', '\uFFFD');
        while (!PropertyItem.isValue(cut)) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }
}
