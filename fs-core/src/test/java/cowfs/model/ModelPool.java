package cowfs.model;

import cowfs.api.CopyReport;
import cowfs.api.FileChanges;
import cowfs.api.FileVersion;
import cowfs.api.FreedSpace;
import cowfs.api.PinnedState;
import cowfs.api.Pool;
import cowfs.api.PoolActivity;
import cowfs.api.PoolInfo;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.RollbackReport;
import cowfs.api.ScrubReport;
import cowfs.api.SpaceUsage;
import cowfs.api.StreamOperations;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FileChange;
import cowfs.file.FilePath;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.VolumeStatus;
import cowfs.fs.PathLookup;
import cowfs.fs.SubtreeRemoval;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pool in memory: subvolumes and snapshots are {@link ModelTree}s, and copying one copies all of
/// it.
///
/// It never runs out of space, and its sizes are those of a large image with nothing but file data
/// in it. Thread safe by one lock.
final class ModelPool implements Pool {
    private static final int BLOCK_BYTES = ModelContent.BLOCK_BYTES;
    private static final long BLOCK_COUNT = 1L << 40;

    /// The number of a tree that is copied from.
    private static final long FROZEN = -1;

    private final Supplier<Timestamp> clock;
    private final UUID uuid;
    private final List<Subvolume> subvolumes;
    private long nextTreeId;
    private boolean closed;

    /// What is being copied from.
    private @Nullable ModelTree frozen;

    /// A subvolume or, in the list of one, a snapshot.
    private static final class Subvolume {
        String name;
        ModelTree tree;
        UUID uuid = UUID.randomUUID();
        final long originTreeId;
        final Timestamp created;
        final List<Subvolume> snapshots = new ArrayList<>();
        final SortedMap<String, String> properties = new TreeMap<>();

        Subvolume(String name, ModelTree tree, long originTreeId) {
            this.name = name;
            this.tree = tree;
            this.originTreeId = originTreeId;
            this.created = tree.now();
        }

        boolean isHeld() {
            return properties.keySet().stream()
                    .anyMatch(each -> each.startsWith(Property.HOLD_PREFIX));
        }

        /// Takes over what a snapshot or clone starts with.
        void inherit(Subvolume source) {
            source.properties.forEach(
                    (name, value) -> {
                        if (!name.startsWith(Property.HOLD_PREFIX)) {
                            properties.put(name, value);
                        }
                    });
        }
    }

    /// A new pool with an empty `main`.
    ModelPool(Supplier<Timestamp> clock) {
        this(clock, UUID.randomUUID(), new ArrayList<>(), 1);
        subvolumes.add(new Subvolume("main", ModelTree.empty(nextTreeId++, clock), 0));
    }

    private ModelPool(
            Supplier<Timestamp> clock, UUID uuid, List<Subvolume> subvolumes, long nextTreeId) {
        this.clock = clock;
        this.uuid = uuid;
        this.subvolumes = subvolumes;
        this.nextTreeId = nextTreeId;
    }

    /// The pool that opening finds after this one was closed.
    synchronized ModelPool reopen() {
        if (!closed) {
            throw new IllegalStateException("the pool is still open");
        }
        trees().forEach(ModelTree::dropHolds);
        return new ModelPool(clock, uuid, subvolumes, nextTreeId);
    }

    @Override
    public synchronized ModelVolume volume(Ref ref) throws RequestException {
        requireOpen();
        return new ModelVolume(this, ref.toString(), get(ref).tree);
    }

    /// A copy of all, in which the clock stands still.
    @Override
    public synchronized PinnedState pin() throws RequestException {
        requireOpen();
        List<Subvolume> copies = new ArrayList<>();
        for (Subvolume each : subvolumes) {
            Subvolume copy = pinned(each);
            each.snapshots.forEach(snapshot -> copy.snapshots.add(pinned(snapshot)));
            copies.add(copy);
        }
        ModelPool kept = new ModelPool(clock, uuid, copies, nextTreeId);
        return new PinnedState() {
            @Override
            public long txg() {
                return 1;
            }

            @Override
            public List<SubvolumeInfo> list() throws IOException {
                return kept.list();
            }

            @Override
            public ModelVolume volume(Ref ref) throws IOException {
                return kept.volume(ref);
            }

            @Override
            public void close() {
                kept.close();
            }
        };
    }

    private static Subvolume pinned(Subvolume of) {
        ModelTree tree = of.tree.copy(of.tree.id, true);
        return new Subvolume(of.name, tree, of.originTreeId);
    }

    @Override
    public PoolActivity activity() {
        return new PoolActivity(3, 6_000_000, 4_000_000, 1_000, 75, 25, 8192);
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    @Override
    public synchronized PoolInfo info() throws RequestException {
        requireOpen();
        long size = BLOCK_COUNT * BLOCK_BYTES;
        long used = usedBlockCount() * BLOCK_BYTES;
        int snapshotCount = subvolumes.stream().mapToInt(each -> each.snapshots.size()).sum();
        return new PoolInfo(
                uuid,
                "",
                1,
                size,
                used,
                size - used,
                0,
                used,
                0,
                BLOCK_BYTES,
                8192,
                1,
                1,
                subvolumes.size(),
                snapshotCount,
                0,
                0,
                0,
                0,
                "",
                "");
    }

    @Override
    public synchronized void startScrub(long bytesPerSecond, boolean restart)
            throws RequestException {
        requireOpen();
    }

    @Override
    public synchronized void stopScrub() throws RequestException {
        requireOpen();
    }

    @Override
    public synchronized ScrubReport scrub() throws RequestException {
        requireOpen();
        return new ScrubReport("never", null, null, 0, 0, 0, 0, List.of(), "");
    }

    @Override
    public synchronized List<SubvolumeInfo> list() throws RequestException {
        requireOpen();
        List<SubvolumeInfo> all = new ArrayList<>();
        List<Subvolume> byName =
                subvolumes.stream().sorted(Comparator.comparing(each -> each.name)).toList();
        for (Subvolume subvolume : byName) {
            all.add(info(new Ref(subvolume.name, null), subvolume));
            for (Subvolume snapshot : subvolume.snapshots) {
                all.add(info(new Ref(subvolume.name, snapshot.name), snapshot));
            }
        }
        return all;
    }

    @Override
    public synchronized SubvolumeInfo createSubvolume(String name) throws RequestException {
        return add(name, ModelTree.empty(nextTreeId++, clock), 0);
    }

    @Override
    public synchronized SubvolumeInfo renameSubvolume(String from, String to)
            throws RequestException {
        requireOpen();
        Subvolume subvolume = get(Ref.parseSubvolume(from));
        requireNew(Ref.parseSubvolume(to));
        subvolume.name = to;
        return info(new Ref(to, null), subvolume);
    }

    @Override
    public synchronized SubvolumeInfo snapshot(Ref ref) throws RequestException {
        requireOpen();
        Ref valid = Ref.parseSnapshot(ref.toString());
        Subvolume source = get(new Ref(valid.subvolume(), null));
        requireNew(valid);
        String name = String.valueOf(valid.snapshot());
        Subvolume made = new Subvolume(name, source.tree.copy(nextTreeId++, true), 0);
        made.inherit(source);
        source.snapshots.add(made);
        return info(valid, made);
    }

    @Override
    public synchronized RollbackReport rollback(Ref snapshot, @Nullable Ref keepAs)
            throws RequestException {
        requireOpen();
        Ref valid = Ref.parseSnapshot(snapshot.toString());
        ModelTree wanted = get(valid).tree;
        Subvolume live = get(new Ref(valid.subvolume(), null));
        if (keepAs != null) {
            requireNew(Ref.parseSnapshot(keepAs.toString()));
            live.snapshots.add(
                    new Subvolume(
                            String.valueOf(keepAs.snapshot()),
                            live.tree.copy(nextTreeId++, true),
                            0));
        }
        ModelTree old = live.tree;
        live.tree = wanted.copy(old.id, false);
        live.tree.goOnFrom(old);
        old.replace();
        return new RollbackReport(new Ref(valid.subvolume(), null), valid, keepAs);
    }

    @Override
    public synchronized List<FileVersion> history(Ref ref, FilePath path) throws IOException {
        return new VolumeHistory(this).of(ref, path);
    }

    @Override
    public synchronized Ref undelete(Ref live, FilePath path) throws IOException {
        if (live.isSnapshot() || path.isRoot()) {
            throw new RequestException(ErrorKind.INVALID, live + ":" + path);
        }
        ModelVolume target = volume(live);
        if (PathLookup.find(target, path) != 0) {
            throw new RequestException(ErrorKind.EXISTS, live + ":" + path);
        }
        for (Subvolume each : get(live).snapshots.reversed()) {
            ModelVolume source = volume(new Ref(live.subvolume(), each.name));
            long inode = PathLookup.find(source, path);
            long directory = PathLookup.find(target, path.parent());
            if (inode != 0 && directory != 0) {
                new ModelCopy(source, target).copy(inode, directory, path.name());
                return new Ref(live.subvolume(), each.name);
            }
            if (inode != 0) {
                break;
            }
        }
        throw new RequestException(ErrorKind.NOT_FOUND, "no snapshot has " + path);
    }

    @Override
    public synchronized CopyReport copy(Ref from, FilePath path, Ref live, FilePath to)
            throws IOException {
        Volume source = volume(from);
        Volume target = volume(live);
        if (live.isSnapshot()) {
            throw new RequestException(ErrorKind.READ_ONLY, live + " is a snapshot");
        }
        long inode = PathLookup.find(source, path);
        if (inode == 0) {
            throw new RequestException(ErrorKind.NOT_FOUND, from + ":" + path);
        }
        FilePath place = to;
        long there = PathLookup.find(target, to);
        if (there != 0 && target.getAttributes(there).isDirectory() && !path.isRoot()) {
            place = to.resolve(path.name());
        }
        if (PathLookup.find(target, place) != 0) {
            throw new RequestException(ErrorKind.EXISTS, live + ":" + place);
        }
        long directory = PathLookup.find(target, place.parent());
        if (directory == 0) {
            throw new RequestException(ErrorKind.NOT_FOUND, live + ":" + place.parent());
        }
        // as it is now, for a copy of a directory into itself
        frozen = get(from).tree.copy(FROZEN, true);
        ModelCopy copy = new ModelCopy(new ModelVolume(this, from.toString(), frozen), target);
        copy.copy(inode, directory, place.name());
        frozen = null;
        return new CopyReport(live, place, copy.count());
    }

    @Override
    public synchronized List<Ref> purge(FilePath path, List<Ref> refs) throws IOException {
        List<Ref> chosen = new ArrayList<>();
        List<Ref> all = new ArrayList<>(refs);
        if (refs.isEmpty()) {
            list().stream().map(SubvolumeInfo::ref).filter(Ref::isSnapshot).forEach(all::add);
        }
        for (Ref ref : all) {
            if (!ref.isSnapshot() || path.isRoot()) {
                throw new RequestException(ErrorKind.INVALID, ref + ":" + path);
            }
            if (PathLookup.find(volume(ref), path) != 0) {
                chosen.add(ref);
            }
        }
        if (chosen.isEmpty()) {
            throw new RequestException(ErrorKind.NOT_FOUND, "no snapshot has " + path);
        }
        for (Ref ref : chosen) {
            if (get(ref).isHeld()) {
                throw new RequestException(ErrorKind.BUSY, "'" + ref + "' is held");
            }
        }
        for (Ref ref : chosen) {
            Subvolume snapshot = get(ref);
            ModelTree old = snapshot.tree;
            ModelTree changed = old.copy(old.id, false);
            ModelVolume volume = new ModelVolume(this, ref.toString(), changed);
            long directory = PathLookup.find(volume, path.parent());
            new SubtreeRemoval(volume).remove(directory, path.name());
            snapshot.tree = changed.copy(old.id, true);
            snapshot.uuid = UUID.randomUUID();
            old.replace();
        }
        return chosen;
    }

    @Override
    public synchronized SubvolumeInfo cloneSubvolume(Ref source, String name)
            throws RequestException {
        requireOpen();
        ModelTree tree = get(source).tree;
        SubvolumeInfo made = add(name, tree.copy(nextTreeId++, false), tree.id);
        get(made.ref()).inherit(get(source));
        return made;
    }

    private SubvolumeInfo add(String name, ModelTree tree, long originTreeId)
            throws RequestException {
        requireOpen();
        Ref ref = Ref.parseSubvolume(name);
        requireNew(ref);
        Subvolume made = new Subvolume(name, tree, originTreeId);
        subvolumes.add(made);
        return info(ref, made);
    }

    @Override
    public synchronized void delete(List<Ref> refs) throws RequestException {
        requireOpen();
        Set<Subvolume> doomed = new HashSet<>();
        for (Ref ref : refs) {
            doomed.add(get(ref));
        }
        for (Subvolume subvolume : doomed) {
            if (subvolume.isHeld()) {
                throw new RequestException(ErrorKind.BUSY, "'" + subvolume.name + "' is held");
            }
            if (!doomed.containsAll(subvolume.snapshots)) {
                throw new RequestException(
                        ErrorKind.NOT_EMPTY, "'" + subvolume.name + "' has snapshots");
            }
        }
        doomed.forEach(each -> each.tree.delete());
        subvolumes.removeAll(doomed);
        subvolumes.forEach(each -> each.snapshots.removeAll(doomed));
    }

    @Override
    public synchronized SortedMap<String, String> properties(Ref ref) throws RequestException {
        return new TreeMap<>(get(ref).properties);
    }

    @Override
    public synchronized void setProperty(Ref ref, String name, @Nullable String value)
            throws RequestException {
        Property.requireSettable(name);
        if (value == null) {
            get(ref).properties.remove(name);
        } else {
            Property.requireValue(name, value);
            get(ref).properties.put(name, value);
        }
    }

    @Override
    public synchronized void hold(Ref ref, String tag) throws RequestException {
        if (get(ref).properties.putIfAbsent(Property.HOLD_PREFIX + tag, "now") != null) {
            throw new RequestException(ErrorKind.EXISTS, "'" + ref + "' is held already");
        }
    }

    @Override
    public synchronized void release(Ref ref, String tag) throws RequestException {
        if (get(ref).properties.remove(Property.HOLD_PREFIX + tag) == null) {
            throw new RequestException(ErrorKind.NOT_FOUND, "'" + ref + "' is not held");
        }
    }

    @Override
    public synchronized List<SpaceUsage> spaceUsage(List<Ref> refs) throws RequestException {
        List<SpaceUsage> usages = new ArrayList<>();
        for (Ref ref : refs.isEmpty() ? list().stream().map(SubvolumeInfo::ref).toList() : refs) {
            long bytes = get(ref).tree.allocatedBlockCount() * BLOCK_BYTES;
            usages.add(new SpaceUsage(ref, bytes, bytes, 0, 0));
        }
        return usages;
    }

    @Override
    public synchronized FreedSpace freedByDeleting(List<Ref> refs) throws RequestException {
        long bytes = 0;
        for (Ref ref : Set.copyOf(refs)) {
            bytes += get(ref).tree.allocatedBlockCount() * BLOCK_BYTES;
        }
        return new FreedSpace(bytes, 0);
    }

    @Override
    public synchronized FileChanges diff(Ref before, Ref after, FilePath under) throws IOException {
        List<FileChange> all = VolumeDiff.of(volume(before), volume(after), under);
        return new FileChanges() {
            private int told;

            @Override
            public @Nullable FileChange next() {
                return told < all.size() ? all.get(told++) : null;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public synchronized void sync() throws RequestException {
        requireOpen();
    }

    /// A model is compared with what a receiving image has; it sends nothing.
    @Override
    public StreamOperations streams() {
        throw new UnsupportedOperationException("the model sends no streams");
    }

    @Override
    public synchronized void awaitReclaim() throws RequestException {
        requireOpen();
    }

    VolumeStatus status() {
        long inodes = trees().mapToLong(ModelTree::inodeCount).sum();
        long free = BLOCK_COUNT - usedBlockCount();
        return new VolumeStatus(BLOCK_COUNT, free, free, inodes, BLOCK_COUNT);
    }

    /// The tree with a number.
    synchronized ModelTree tree(long id) throws RequestException {
        if (frozen != null && frozen.id == id) {
            return frozen;
        }
        return trees().filter(each -> each.id == id)
                .findFirst()
                .orElseThrow(() -> new RequestException(ErrorKind.NOT_FOUND, "no tree " + id));
    }

    void requireUsable(ModelTree tree) throws RequestException {
        requireOpen();
        if (tree.isReplaced()) {
            throw new RequestException(ErrorKind.STALE, "tree " + tree.id + " is rolled back");
        }
        if (tree.isDeleted()) {
            throw new RequestException(ErrorKind.NOT_FOUND, "tree " + tree.id + " is deleted");
        }
    }

    private void requireOpen() throws RequestException {
        if (closed) {
            throw new RequestException(ErrorKind.IO, "the pool is closed");
        }
    }

    private void requireNew(Ref ref) throws RequestException {
        if (lookup(ref) != null) {
            throw new RequestException(ErrorKind.EXISTS, ref + " exists");
        }
    }

    private Subvolume get(Ref ref) throws RequestException {
        Subvolume found = lookup(ref);
        if (found == null) {
            throw new RequestException(ErrorKind.NOT_FOUND, "no " + ref);
        }
        return found;
    }

    private @Nullable Subvolume lookup(Ref ref) {
        Subvolume subvolume = named(subvolumes, ref.subvolume());
        String snapshot = ref.snapshot();
        return subvolume == null || snapshot == null
                ? subvolume
                : named(subvolume.snapshots, snapshot);
    }

    private static @Nullable Subvolume named(List<Subvolume> all, String name) {
        return all.stream().filter(each -> each.name.equals(name)).findFirst().orElse(null);
    }

    private long usedBlockCount() {
        return trees().mapToLong(ModelTree::allocatedBlockCount).sum();
    }

    private Stream<ModelTree> trees() {
        return subvolumes.stream()
                .flatMap(each -> Stream.concat(Stream.of(each), each.snapshots.stream()))
                .map(each -> each.tree);
    }

    private SubvolumeInfo info(Ref ref, Subvolume subvolume) {
        return new SubvolumeInfo(
                ref,
                subvolume.tree.id,
                subvolume.uuid,
                originOf(subvolume),
                1,
                subvolume.created,
                subvolume.tree.allocatedBlockCount() * BLOCK_BYTES,
                subvolume.tree.readOnly);
    }

    private @Nullable Ref originOf(Subvolume clone) {
        for (Subvolume subvolume : subvolumes) {
            if (subvolume.tree.id == clone.originTreeId) {
                return new Ref(subvolume.name, null);
            }
            for (Subvolume snapshot : subvolume.snapshots) {
                if (snapshot.tree.id == clone.originTreeId) {
                    return new Ref(subvolume.name, snapshot.name);
                }
            }
        }
        return null;
    }
}
