package cowfs.subvol;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Timestamp;
import cowfs.format.BlockPointer;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import cowfs.txn.CommitContext;
import cowfs.txn.CommittedState;
import cowfs.txn.FileTree;
import cowfs.txn.PoolStore;
import cowfs.txn.SpaceClaim;
import cowfs.txn.TreeChange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The subvolumes and snapshots of a pool: lists, makes, clones, renames and deletes them.
///
/// A snapshot or clone is one more item in the root tree with a copy of the root pointer, and one
/// more reference to that root: its cost does not depend on what is in the subvolume. It is made
/// inside a commit, so it holds exactly the operations that were finished at the freeze.
///
/// The names are kept in memory (they were read when the pool was opened); everything else is read
/// from the last durable state. Each change is durable on return. Changes run one at a time. Thread
/// safe.
public final class Subvolumes {
    /// Inode 1 is the root directory.
    private static final long FIRST_FREE_INODE = 2;

    private final PoolStore store;
    private final Reclaim reclaim;
    private final SubvolumeNames names = new SubvolumeNames();
    private final Map<Long, Integer> sending = new HashMap<>();

    private Subvolumes(PoolStore store, Reclaim reclaim) {
        this.store = store;
        this.reclaim = reclaim;
    }

    /// Reads the names of the last durable state.
    public static Subvolumes open(PoolStore store, Reclaim reclaim) throws IOException {
        Subvolumes opened = new Subvolumes(store, reclaim);
        long epoch = store.epochs().enter();
        try {
            CommittedState state = store.state();
            Cursor cursor = store.rootTreeOf(state).cursor();
            for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
                if (cursor.kind() == ItemKind.SUBVOLUME.number()) {
                    SubvolumeItem item = itemAt(cursor);
                    opened.names.add(cursor.inode(), item.parentTree(), item.name());
                }
            }
        } finally {
            store.epochs().leave(epoch);
        }
        return opened;
    }

    /// All subvolumes by name, each followed by its snapshots, oldest first. Those that are still
    /// being received are left out.
    public synchronized List<Subvolume> list() throws IOException {
        List<Subvolume> all = new ArrayList<>();
        for (long id : names.all()) {
            Subvolume each = read(id);
            if (!each.item().isHidden()) {
                all.add(each);
            }
        }
        all.sort(SubvolumeList.ORDER);
        return all;
    }

    /// Snapshots of one subvolume, oldest first.
    public synchronized List<Subvolume> snapshots(long treeId) throws IOException {
        List<Subvolume> found = new ArrayList<>();
        for (long id : names.snapshots(treeId)) {
            found.add(read(id));
        }
        found.sort((a, b) -> Long.compare(a.treeId(), b.treeId()));
        return found;
    }

    /// The subvolume, or its snapshot, with a name.
    ///
    /// @throws RequestException `NOT_FOUND`
    public synchronized Subvolume get(String subvolume, @Nullable String snapshot)
            throws IOException {
        return read(names.getId(subvolume, snapshot));
    }

    /// What a tree is called now; null when it is gone.
    public synchronized @Nullable String lookupName(long treeId) {
        return names.lookupFullName(treeId);
    }

    /// Keeps a subvolume or snapshot from being deleted until {@link #endSending}.
    ///
    /// @throws RequestException `NOT_FOUND`
    public synchronized void beginSending(Subvolume sent) throws IOException {
        if (!names.contains(sent.treeId())) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND, "'" + sent.fullName() + "' was deleted");
        }
        sending.merge(sent.treeId(), 1, Integer::sum);
    }

    /// The reverse of {@link #beginSending}.
    public synchronized void endSending(Subvolume sent) {
        sending.computeIfPresent(sent.treeId(), (id, count) -> count == 1 ? null : count - 1);
    }

    /// The open tree of a subvolume or snapshot.
    public synchronized FileTree tree(Subvolume subvolume) throws IOException {
        long epoch = store.epochs().enter();
        try {
            SubvolumeItem item = read(subvolume.treeId()).item();
            FileTree tree = store.tree(subvolume.treeId(), subvolume.fullName(), item);
            if (!item.isHidden() && !tree.readOnly()) {
                TreeSettings.apply(tree, readProperties(subvolume.treeId()));
            }
            return tree;
        } finally {
            store.epochs().leave(epoch);
        }
    }

    /// Makes an empty subvolume, filled by `initialise`.
    public synchronized Subvolume create(String name, TreeChange<?> initialise) throws IOException {
        names.requireFree(0, name);
        long[] id = new long[1];
        store.submit(SpaceClaim.ORDINARY, 4, context -> id[0] = create(context, name, initialise));
        return added(id[0], 0, name);
    }

    /// Makes the first subvolume while a pool is being formatted.
    public static long create(CommitContext context, String name, TreeChange<?> initialise)
            throws IOException {
        long id = context.newTreeId();
        Timestamp now = Timestamp.now();
        SubvolumeItem empty =
                new SubvolumeItem(
                        BlockPointer.NONE,
                        0,
                        UUID.randomUUID(),
                        0,
                        0,
                        context.txg(),
                        now.seconds(),
                        now.nanos(),
                        0,
                        FIRST_FREE_INODE,
                        0,
                        0,
                        0,
                        context.txg(),
                        name);
        context.putSubvolume(id, context.createTree(id, empty, initialise));
        return id;
    }

    /// A snapshot to take.
    public record NewSnapshot(String subvolume, String snapshot) {}

    /// Takes snapshots of live subvolumes, all in one commit: they are of the same moment.
    ///
    /// @throws RequestException `NOT_FOUND`, `EXISTS`, `NO_SPACE`: then none was taken
    public synchronized List<Subvolume> snapshot(List<NewSnapshot> wanted) throws IOException {
        long[] sources = new long[wanted.size()];
        int items = 0;
        for (int i = 0; i < sources.length; i++) {
            NewSnapshot each = wanted.get(i);
            sources[i] = names.getId(each.subvolume, null);
            names.requireFree(sources[i], each.snapshot);
            if (wanted.indexOf(each) < i) {
                throw new RequestException(
                        ErrorKind.INVALID,
                        "'" + each.subvolume + "@" + each.snapshot + "' is named twice");
            }
            items += sharedItemCount(sources[i]);
        }
        long[] ids = new long[sources.length];
        store.submit(
                SpaceClaim.SHARING,
                items,
                context -> {
                    for (int i = 0; i < ids.length; i++) {
                        String name = wanted.get(i).snapshot;
                        ids[i] = share(context, sources[i], sources[i], 0, name);
                    }
                });
        List<Subvolume> taken = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            taken.add(added(ids[i], sources[i], wanted.get(i).snapshot));
        }
        return taken;
    }

    /// Makes a writable subvolume that starts as another subvolume or snapshot stands.
    public synchronized Subvolume cloneSubvolume(
            String subvolume, @Nullable String snapshot, String name) throws IOException {
        long source = names.getId(subvolume, snapshot);
        names.requireFree(0, name);
        long[] id = new long[1];
        store.submit(
                SpaceClaim.SHARING,
                sharedItemCount(source),
                context -> id[0] = share(context, source, 0, source, name));
        return added(id[0], 0, name);
    }

    /// The items of the root tree that a snapshot or clone adds or changes.
    private int sharedItemCount(long source) throws IOException {
        return 2 + readProperties(source).size();
    }

    /// The properties of a subvolume or snapshot, holds included.
    public synchronized SortedMap<String, String> properties(Subvolume subvolume)
            throws IOException {
        return readProperties(getId(subvolume));
    }

    /// Sets a property or, with null as its value, takes it away.
    ///
    /// @throws RequestException `NO_SPACE` when there are too many
    public synchronized void setProperty(Subvolume subvolume, String name, @Nullable String value)
            throws IOException {
        long id = getId(subvolume);
        if (value != null) {
            Properties.requireRoom(readProperties(id), name);
        }
        store.submit(
                value == null ? SpaceClaim.FREEING : SpaceClaim.SHARING,
                1,
                context -> Properties.put(context.rootTree(), id, name, value));
        FileTree open = store.lookupOpenTree(id);
        if (open != null && !open.readOnly()) {
            TreeSettings.apply(open, readProperties(id));
        }
    }

    private SortedMap<String, String> readProperties(long id) throws IOException {
        long epoch = store.epochs().enter();
        try {
            return Properties.read(store.rootTreeOf(store.state()), id);
        } finally {
            store.epochs().leave(epoch);
        }
    }

    private static long share(
            CommitContext context, long source, long parent, long origin, String name)
            throws IOException {
        SubvolumeItem item =
                Objects.requireNonNull(context.lookupSubvolume(source), "the source is listed");
        long id = context.newTreeId();
        Timestamp now = Timestamp.now();
        boolean ofLine = parent != 0 && item.lineTxg() != 0;
        long line = ofLine ? item.lineTxg() : context.txg();
        context.shareRoot(item);
        context.putSubvolume(
                id,
                new SubvolumeItem(
                        item.root(),
                        item.rootLevel(),
                        UUID.randomUUID(),
                        parent,
                        origin,
                        context.txg(),
                        now.seconds(),
                        now.nanos(),
                        context.txg(),
                        item.nextInode(),
                        item.referencedBlocks(),
                        item.nodeCount(),
                        item.inodeCount(),
                        line,
                        name));
        Properties.inherit(context.rootTree(), source, id);
        if (!item.isSnapshot()) {
            context.raiseLastSnapshotTxg(source);
        }
        if (parent != 0 && !ofLine) {
            // it is not known what was done to it before: its line begins with this snapshot
            SubvolumeItem raised =
                    Objects.requireNonNull(context.lookupSubvolume(source), "the source is listed");
            context.putSubvolume(source, raised.onLine(line));
        }
        return id;
    }

    /// Gives a live subvolume another name.
    public synchronized Subvolume rename(String from, String to) throws IOException {
        long id = names.getId(from, null);
        names.requireFree(0, to);
        store.submit(
                SpaceClaim.FREEING,
                1,
                context ->
                        context.putSubvolume(
                                id,
                                Objects.requireNonNull(context.lookupSubvolume(id)).withName(to)));
        names.forget(id);
        names.add(id, 0, to);
        for (long each : names.all()) {
            FileTree open = store.lookupOpenTree(each);
            if (open != null) {
                open.rename(Objects.requireNonNull(lookupName(each)));
            }
        }
        return read(id);
    }

    /// Deletes subvolumes and snapshots, all or none. They are gone at once; their space comes back
    /// through {@link Reclaim}.
    ///
    /// @throws RequestException `NOT_FOUND`; `BUSY` for one that is held or being sent; `NOT_EMPTY`
    ///   for a subvolume with snapshots that are not named too
    public synchronized void delete(List<Subvolume> doomed) throws IOException {
        Set<Long> doomedIds = new LinkedHashSet<>();
        for (Subvolume each : doomed) {
            doomedIds.add(getId(each));
        }
        int itemCount = 2 * doomedIds.size();
        for (long each : doomedIds) {
            SortedMap<String, String> properties = readProperties(each);
            Holds.requireNone(Objects.requireNonNull(lookupName(each)), properties);
            itemCount += properties.size() + Bookmarks.count(store, each);
        }
        for (long id : doomedIds) {
            requireNotSent(id);
        }
        for (long id : doomedIds) {
            requireNoOtherSnapshots(id, doomedIds);
        }
        store.submit(
                SpaceClaim.DELETING,
                itemCount,
                // from here on no operation may change these trees: the commit is the last one that
                // writes them
                () -> doomedIds.forEach(store::forgetTree),
                context -> {
                    for (long id : doomedIds) {
                        SubvolumeItem item =
                                Objects.requireNonNull(
                                        context.lookupSubvolume(id), "the subvolume is listed");
                        Reclaim.leave(context, id, item);
                        context.rootTree().remove(id, ItemKind.SUBVOLUME.number(), 0);
                        Properties.removeAll(context.rootTree(), id);
                        Bookmarks.removeAll(context.rootTree(), id);
                    }
                });
        doomedIds.forEach(names::forget);
        reclaim.wake();
    }

    private void requireNoOtherSnapshots(long id, Set<Long> doomedIds) throws RequestException {
        for (long snapshot : names.snapshots(id)) {
            if (!doomedIds.contains(snapshot)) {
                throw new RequestException(
                        ErrorKind.NOT_EMPTY,
                        "'"
                                + lookupName(id)
                                + "' has snapshots, such as '"
                                + lookupName(snapshot)
                                + "': delete them first, or name them in the same command");
            }
        }
    }

    /// Takes note of what was made.
    Subvolume added(long id, long parent, String name) throws IOException {
        names.add(id, parent, name);
        return read(id);
    }

    /// Makes a hidden clone of a subvolume or snapshot that never changes.
    ///
    /// @param number which tells it from others
    public Subvolume freeze(Subvolume source, long number) throws IOException {
        String snapshot = source.isSnapshot() ? source.item().name() : null;
        return cloneSubvolume(
                source.subvolumeName(),
                snapshot,
                SubvolumeItem.FROZEN + source.treeId() + ":" + number);
    }

    /// Deletes the hidden subvolumes whose names begin in some way: what a crash has left.
    public void deleteHidden(String prefix) throws IOException {
        List<Subvolume> left = hidden(prefix);
        if (!left.isEmpty()) {
            delete(left);
        }
    }

    private synchronized List<Subvolume> hidden(String prefix) throws IOException {
        List<Subvolume> found = new ArrayList<>();
        for (long id : names.beginningWith(prefix)) {
            found.add(read(id));
        }
        return found;
    }

    /// @throws RequestException `BUSY` for one that is being sent
    void requireNotSent(Subvolume subvolume) throws RequestException {
        requireNotSent(subvolume.treeId());
    }

    private void requireNotSent(long id) throws RequestException {
        if (sending.containsKey(id)) {
            throw new RequestException(
                    ErrorKind.BUSY,
                    "'" + lookupName(id) + "' is being sent: wait until that is done");
        }
    }

    private long getId(Subvolume subvolume) throws RequestException {
        return names.getId(
                subvolume.subvolumeName(), subvolume.isSnapshot() ? subvolume.item().name() : null);
    }

    /// What the trees are called; guarded by this object's lock.
    SubvolumeNames names() {
        return names;
    }

    /// What the last durable state says about a tree that is listed.
    Subvolume read(long id) throws IOException {
        String name = names.subvolumeName(id);
        long epoch = store.epochs().enter();
        try {
            BTree rootTree = store.rootTreeOf(store.state());
            Cursor cursor = rootTree.cursor();
            if (!rootTree.find(cursor, id, ItemKind.SUBVOLUME.number(), 0)) {
                throw new CorruptException(
                        "root tree", "tree=" + id, "a listed subvolume has no item");
            }
            return new Subvolume(id, name, itemAt(cursor));
        } finally {
            store.epochs().leave(epoch);
        }
    }

    private static SubvolumeItem itemAt(Cursor cursor) throws CorruptException {
        return SubvolumeItem.readFrom(
                cursor.page(), cursor.position(), cursor.lengthBytes(), "tree=" + cursor.inode());
    }
}
