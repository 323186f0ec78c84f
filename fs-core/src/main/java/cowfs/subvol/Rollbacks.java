package cowfs.subvol;

import cowfs.error.RequestException;
import cowfs.file.Timestamp;
import cowfs.format.SubvolumeItem;
import cowfs.txn.CommitContext;
import cowfs.txn.PoolStore;
import cowfs.txn.SpaceClaim;
import java.io.IOException;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Sets a subvolume back to one of its snapshots, in one transaction group.
///
/// ```
///            before                              after
///   main    -> R9                        main                     -> R5, shared
///   main@a  -> R5                        main@a                   -> R5, shared
///   main@b  -> R7                        main@b                   -> R7
///                                        main@before-rollback-... -> R9
/// ```
///
/// The subvolume keeps its tree id, its name and all its snapshots, newer ones too, and never gives
/// out an inode number again. Its tree's reference to the old root passes to the snapshot that
/// keeps the state before, or to reclaim. What is in that state without a name stays there.
///
/// Whoever has the subvolume's tree open is cut off before the group is frozen, so that nothing
/// that was meant for the old content can reach the new: see {@link PoolStore#replaceTree}.
///
/// Thread safe.
public final class Rollbacks {
    private final PoolStore store;
    private final Subvolumes subvolumes;
    private final Reclaim reclaim;
    private final String notes;

    /// @param notes how the names of properties begin that tell of the content of a tree, and so go
    ///   with it; all others of a subvolume stay as they are
    public Rollbacks(PoolStore store, Subvolumes subvolumes, Reclaim reclaim, String notes) {
        this.notes = notes;
        this.store = store;
        this.subvolumes = subvolumes;
        this.reclaim = reclaim;
    }

    /// Sets a subvolume back.
    ///
    /// @param keptName of a new snapshot of the state before; null to discard that
    /// @throws RequestException `NOT_FOUND`, `EXISTS`, `NO_SPACE`
    public void rollBack(String subvolume, String snapshot, @Nullable String keptName)
            throws IOException {
        synchronized (subvolumes) {
            Subvolume target = subvolumes.get(subvolume, snapshot);
            Subvolume live = subvolumes.get(subvolume, null);
            if (keptName != null) {
                subvolumes.names().requireFree(live.treeId(), keptName);
            }
            long[] id = new long[1];
            int itemCount = 3 + subvolumes.properties(target).size();
            store.submit(
                    keptName == null ? SpaceClaim.FREEING : SpaceClaim.SHARING,
                    itemCount + (keptName == null ? 0 : subvolumes.properties(live).size()),
                    () -> store.replaceTree(live.treeId()),
                    context -> id[0] = rollBack(context, live, target, keptName));
            if (keptName == null) {
                reclaim.wake();
            } else {
                subvolumes.added(id[0], live.treeId(), keptName);
            }
        }
    }

    private long rollBack(
            CommitContext context, Subvolume live, Subvolume target, @Nullable String keptName)
            throws IOException {
        SubvolumeItem old =
                Objects.requireNonNull(context.lookupSubvolume(live.treeId()), "it is listed");
        SubvolumeItem wanted =
                Objects.requireNonNull(context.lookupSubvolume(target.treeId()), "it is listed");
        long id = context.newTreeId();
        if (keptName != null) {
            Timestamp now = Timestamp.now();
            context.putSubvolume(
                    id,
                    new SubvolumeItem(
                            old.root(),
                            old.rootLevel(),
                            UUID.randomUUID(),
                            live.treeId(),
                            0,
                            context.txg(),
                            now.seconds(),
                            now.nanos(),
                            context.txg(),
                            old.nextInode(),
                            old.referencedBlocks(),
                            old.nodeCount(),
                            old.inodeCount(),
                            old.lineTxg(),
                            keptName));
            Properties.inherit(context.rootTree(), live.treeId(), id);
        } else {
            Reclaim.leave(context, id, old);
        }
        context.shareRoot(wanted);
        context.putSubvolume(live.treeId(), old.rolledBackTo(wanted, context.txg()));
        Properties.copy(context.rootTree(), target.treeId(), live.treeId(), notes);
        return id;
    }
}
