package cowfs.subvol;

import static java.nio.charset.StandardCharsets.UTF_8;

import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Timestamp;
import cowfs.format.BlockPointer;
import cowfs.format.SubvolumeItem;
import cowfs.txn.CommitContext;
import cowfs.txn.PoolStore;
import cowfs.txn.SpaceClaim;
import cowfs.txn.TreeChange;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Subvolumes that are being received: nobody sees them before they are whole.
///
/// ```
///     backup@mon --share--> receive:backup --records--> receive:backup --publish--> backup@tue
///                           (or an empty one)            one commit: the same tree, another name
/// ```
///
/// One is made as an empty tree, or as a clone of the snapshot that the stream starts from. Making
/// it a snapshot is one change of names in one commit. In that commit the live subvolume follows:
/// it is made when there is none, and set to the new snapshot when it still is what an earlier one
/// is and nobody has it open.
///
/// Each change is durable on return. Thread safe.
public final class Receives {
    private final PoolStore store;
    private final Subvolumes subvolumes;

    public Receives(PoolStore store, Subvolumes subvolumes) {
        this.store = store;
        this.subvolumes = subvolumes;
    }

    /// What is being received for a subvolume, or null.
    public @Nullable Subvolume lookup(String name) throws IOException {
        synchronized (subvolumes) {
            Long id = subvolumes.names().lookupId(0, SubvolumeItem.HIDDEN + name);
            return id == null ? null : subvolumes.read(id);
        }
    }

    /// Makes a hidden subvolume to receive into.
    ///
    /// @param base what it starts as; null for an empty one
    /// @param nextInode lowest inode number that what comes has not used
    /// @param initialise fills an empty one, given its UUID
    /// @throws RequestException `EXISTS`, `NO_SPACE`, `INVALID` for a name that is too long
    public Subvolume begin(
            String name,
            @Nullable Subvolume base,
            long nextInode,
            Function<UUID, TreeChange<?>> initialise)
            throws IOException {
        String hidden = SubvolumeItem.HIDDEN + name;
        if (hidden.getBytes(UTF_8).length > SubvolumeItem.MAX_NAME_BYTES) {
            throw new RequestException(
                    ErrorKind.INVALID, "'" + name + "' is too long: choose a shorter name");
        }
        synchronized (subvolumes) {
            subvolumes.names().requireFree(0, hidden);
            long[] id = new long[1];
            store.submit(
                    SpaceClaim.SHARING,
                    4,
                    context -> {
                        id[0] = context.newTreeId();
                        begin(context, id[0], hidden, base, nextInode, initialise);
                    });
            return subvolumes.added(id[0], 0, hidden);
        }
    }

    private static void begin(
            CommitContext context,
            long id,
            String hidden,
            @Nullable Subvolume base,
            long nextInode,
            Function<UUID, TreeChange<?>> initialise)
            throws IOException {
        UUID uuid = UUID.randomUUID();
        Timestamp now = Timestamp.now();
        if (base == null) {
            SubvolumeItem empty =
                    new SubvolumeItem(
                            BlockPointer.NONE,
                            0,
                            uuid,
                            0,
                            0,
                            context.txg(),
                            now.seconds(),
                            now.nanos(),
                            0,
                            nextInode,
                            0,
                            0,
                            0,
                            0,
                            hidden);
            context.putSubvolume(id, context.createTree(id, empty, initialise.apply(uuid)));
            return;
        }
        SubvolumeItem start =
                Objects.requireNonNull(context.lookupSubvolume(base.treeId()), "it is listed");
        context.shareRoot(start);
        context.putSubvolume(
                id,
                new SubvolumeItem(
                        start.root(),
                        start.rootLevel(),
                        uuid,
                        0,
                        base.treeId(),
                        context.txg(),
                        now.seconds(),
                        now.nanos(),
                        context.txg(),
                        Math.max(start.nextInode(), nextInode),
                        start.referencedBlocks(),
                        start.nodeCount(),
                        start.inodeCount(),
                        0,
                        hidden));
    }

    /// Makes a received subvolume the snapshot that it is.
    ///
    /// @param partial whose changes are all durable
    /// @param name the subvolume that it becomes a snapshot of
    /// @param created when the snapshot was taken
    /// @throws RequestException `EXISTS`, `NO_SPACE`
    public Subvolume publish(Subvolume partial, String name, String snapshot, Timestamp created)
            throws IOException {
        long id = partial.treeId();
        synchronized (subvolumes) {
            Long known = subvolumes.names().lookupId(0, name);
            if (known != null) {
                subvolumes.names().requireFree(known, snapshot);
            }
            long[] live = {known == null ? 0 : known};
            List<BlockPointer> followed = known == null ? List.of() : rootsToFollow(known);
            store.submit(
                    SpaceClaim.SHARING,
                    6,
                    // from here on nobody may change it: it is a snapshot
                    () -> store.forgetTree(id),
                    context -> {
                        SubvolumeItem item =
                                Objects.requireNonNull(context.lookupSubvolume(id), "it is listed");
                        if (known == null) {
                            live[0] = context.newTreeId();
                            context.shareRoot(item);
                            context.putSubvolume(
                                    live[0], liveItem(context, item, id, UUID.randomUUID(), name));
                        } else {
                            follow(context, known, item, followed);
                        }
                        context.putSubvolume(
                                id, snapshotItem(context, item, live[0], snapshot, created));
                    });
            subvolumes.names().forget(id);
            if (known == null) {
                subvolumes.names().add(live[0], 0, name);
            }
            return subvolumes.added(id, live[0], snapshot);
        }
    }

    /// Roots that the live subvolume can have and be replaced; none when somebody may be at it.
    private List<BlockPointer> rootsToFollow(long live) throws IOException {
        if (store.lookupOpenTree(live) != null) {
            return List.of();
        }
        return subvolumes.snapshots(live).stream().map(each -> each.item().root()).toList();
    }

    private static void follow(
            CommitContext context, long live, SubvolumeItem now, List<BlockPointer> followed)
            throws IOException {
        SubvolumeItem old = Objects.requireNonNull(context.lookupSubvolume(live), "it is listed");
        if (!followed.contains(old.root()) || old.root().equals(now.root())) {
            return;
        }
        int dropped =
                context.dropNode(
                        old.root(),
                        old.rootLevel(),
                        (pointer, level) -> {
                            throw new CorruptException(
                                    "refcount",
                                    "block=" + old.root().address(),
                                    "the root of a snapshot and its subvolume has one reference");
                        });
        if (dropped == 0) {
            throw new RequestException(
                    ErrorKind.NO_SPACE,
                    "there is no room to bring '"
                            + old.name()
                            + "' to its new snapshot: delete files or"
                            + " snapshots, and resume");
        }
        context.shareRoot(now);
        context.putSubvolume(
                live,
                old.withTree(
                                now.root(),
                                now.rootLevel(),
                                context.txg(),
                                Math.max(old.nextInode(), now.nextInode()),
                                now.referencedBlocks(),
                                now.nodeCount(),
                                now.inodeCount())
                        .onLine(context.txg() + 1));
    }

    private static SubvolumeItem liveItem(
            CommitContext context, SubvolumeItem of, long origin, UUID uuid, String name) {
        Timestamp now = Timestamp.now();
        return new SubvolumeItem(
                of.root(),
                of.rootLevel(),
                uuid,
                0,
                origin,
                context.txg(),
                now.seconds(),
                now.nanos(),
                context.txg(),
                of.nextInode(),
                of.referencedBlocks(),
                of.nodeCount(),
                of.inodeCount(),
                context.txg() + 1,
                name);
    }

    private static SubvolumeItem snapshotItem(
            CommitContext context, SubvolumeItem of, long parent, String name, Timestamp created) {
        return new SubvolumeItem(
                of.root(),
                of.rootLevel(),
                of.uuid(),
                parent,
                0,
                context.txg(),
                created.seconds(),
                created.nanos(),
                context.txg(),
                of.nextInode(),
                of.referencedBlocks(),
                of.nodeCount(),
                of.inodeCount(),
                0,
                name);
    }
}
