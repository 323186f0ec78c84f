package cowfs.model;

import cowfs.api.BookmarkInfo;
import cowfs.api.BookmarkRef;
import cowfs.api.CopyReport;
import cowfs.api.DedupReport;
import cowfs.api.FileChanges;
import cowfs.api.FilePlace;
import cowfs.api.FileVersion;
import cowfs.api.FreedSpace;
import cowfs.api.PathUsage;
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
import cowfs.api.WorkProgress;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FileChange;
import cowfs.file.FilePath;
import cowfs.file.Timestamp;
import cowfs.file.Volume.VolumeStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A pool in memory: subvolumes and snapshots are {@link ModelTree}s, and copying one copies all of
/// it.
///
/// It never runs out of space, and its sizes are those of a large image with nothing but file data
/// in it. Thread safe by one lock.
final class ModelPool implements Pool {
    private static final int BLOCK_BYTES = ModelContent.BLOCK_BYTES;
    private static final long BLOCK_COUNT = 1L << 40;

    private final Supplier<Timestamp> clock;
    private final UUID uuid;
    private final ModelSubvolumes subvolumes;
    private final ModelPaths paths = new ModelPaths(this);
    private final ModelStreams streams = new ModelStreams(this);
    private long nextTreeId;
    private boolean closed;

    /// A new pool with an empty `main`.
    ModelPool(Supplier<Timestamp> clock) {
        this(clock, UUID.randomUUID(), new ModelSubvolumes(), 1);
        subvolumes.add(new ModelSubvolume("main", ModelTree.empty(nextTreeId++, clock), 0, 0));
    }

    private ModelPool(
            Supplier<Timestamp> clock, UUID uuid, ModelSubvolumes subvolumes, long nextTreeId) {
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
        subvolumes.trees().forEach(ModelTree::dropHolds);
        return new ModelPool(clock, uuid, subvolumes, nextTreeId);
    }

    @Override
    public synchronized ModelVolume volume(Ref ref) throws RequestException {
        requireOpen();
        return new ModelVolume(this, ref.toString(), subvolumes.get(ref).tree);
    }

    /// A copy of all, in which the clock stands still.
    @Override
    public synchronized PinnedState pin() throws RequestException {
        requireOpen();
        ModelPool kept = new ModelPool(clock, uuid, subvolumes.pinned(), nextTreeId);
        return new PoolAsState(kept, kept);
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
        long used = subvolumes.usedBlockCount() * BLOCK_BYTES;
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
                subvolumes.count(),
                subvolumes.snapshotCount(),
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
        return subvolumes.list();
    }

    @Override
    public synchronized SubvolumeInfo createSubvolume(String name) throws RequestException {
        return add(name, ModelTree.empty(nextTreeId++, clock), 0);
    }

    @Override
    public synchronized SubvolumeInfo renameSubvolume(String from, String to)
            throws RequestException {
        requireOpen();
        ModelSubvolume subvolume = subvolumes.get(Ref.parseSubvolume(from));
        subvolumes.requireNew(Ref.parseSubvolume(to));
        subvolume.name = to;
        return subvolumes.info(new Ref(to, null), subvolume);
    }

    @Override
    public synchronized List<SubvolumeInfo> snapshot(List<Ref> refs) throws RequestException {
        requireOpen();
        for (Ref ref : refs) {
            subvolumes.get(new Ref(ref.subvolume(), null));
            subvolumes.requireNew(Ref.parseSnapshot(ref.toString()));
        }
        if (refs.stream().distinct().count() < refs.size()) {
            throw new RequestException(ErrorKind.INVALID, "named twice: " + refs);
        }
        List<SubvolumeInfo> taken = new ArrayList<>();
        for (Ref ref : refs) {
            taken.add(takeSnapshot(ref));
        }
        return taken;
    }

    private SubvolumeInfo takeSnapshot(Ref ref) throws RequestException {
        Ref valid = Ref.parseSnapshot(ref.toString());
        ModelSubvolume source = subvolumes.get(new Ref(valid.subvolume(), null));
        String name = String.valueOf(valid.snapshot());
        ModelTree tree = source.tree.copy(nextTreeId++, true);
        ModelSubvolume made = new ModelSubvolume(name, tree, 0, source.lineage);
        made.inherit(source);
        source.snapshots.add(made);
        return subvolumes.info(valid, made);
    }

    @Override
    public synchronized RollbackReport rollback(Ref snapshot, @Nullable Ref keepAs)
            throws RequestException {
        requireOpen();
        Ref valid = Ref.parseSnapshot(snapshot.toString());
        ModelTree wanted = subvolumes.get(valid).tree;
        ModelSubvolume live = subvolumes.get(new Ref(valid.subvolume(), null));
        if (keepAs != null) {
            subvolumes.requireNew(Ref.parseSnapshot(keepAs.toString()));
            live.snapshots.add(
                    new ModelSubvolume(
                            String.valueOf(keepAs.snapshot()),
                            live.tree.copy(nextTreeId++, true),
                            0,
                            live.lineage));
        }
        live.lineage = subvolumes.get(valid).lineage;
        ModelTree old = live.tree;
        live.tree = wanted.copy(old.id, false);
        live.tree.goOnFrom(old);
        old.replace();
        return new RollbackReport(new Ref(valid.subvolume(), null), valid, keepAs);
    }

    @Override
    public synchronized List<FileVersion> history(Ref ref, FilePath path) throws IOException {
        return paths.history(ref, path);
    }

    @Override
    public synchronized Ref undelete(Ref live, FilePath path) throws IOException {
        return paths.undelete(live, path);
    }

    @Override
    public synchronized CopyReport copy(Ref from, FilePath path, Ref live, FilePath to)
            throws IOException {
        return paths.copy(from, path, live, to);
    }

    @Override
    public synchronized DedupReport dedup(
            List<FilePlace> places, int unitBytes, WorkProgress progress) throws IOException {
        paths.requireLive(places);
        return new DedupReport(0, 0, 0, 0, 0, 0); // a model has no blocks
    }

    @Override
    public synchronized List<Ref> purge(FilePath path, List<Ref> refs) throws IOException {
        return paths.purge(path, refs);
    }

    @Override
    public synchronized SubvolumeInfo cloneSubvolume(Ref source, String name)
            throws RequestException {
        requireOpen();
        ModelTree tree = subvolumes.get(source).tree;
        SubvolumeInfo made = add(name, tree.copy(nextTreeId++, false), tree.id);
        ModelSubvolume clone = subvolumes.get(made.ref());
        clone.inherit(subvolumes.get(source));
        clone.lineage = subvolumes.get(source).lineage;
        return made;
    }

    private SubvolumeInfo add(String name, ModelTree tree, long originTreeId)
            throws RequestException {
        requireOpen();
        Ref ref = Ref.parseSubvolume(name);
        subvolumes.requireNew(ref);
        ModelSubvolume made = new ModelSubvolume(name, tree, originTreeId, 0);
        subvolumes.add(made);
        return subvolumes.info(ref, made);
    }

    @Override
    public synchronized void delete(List<Ref> refs) throws RequestException {
        requireOpen();
        Set<ModelSubvolume> doomed = new HashSet<>();
        for (Ref ref : refs) {
            doomed.add(subvolumes.get(ref));
        }
        for (ModelSubvolume subvolume : doomed) {
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
    }

    @Override
    public synchronized SortedMap<String, String> properties(Ref ref) throws RequestException {
        return new TreeMap<>(subvolumes.get(ref).properties);
    }

    @Override
    public synchronized void setProperty(Ref ref, String name, @Nullable String value)
            throws RequestException {
        Property.requireSettable(name);
        if (value == null) {
            subvolumes.get(ref).properties.remove(name);
        } else {
            Property.requireEffect(ref, name);
            Property.requireValue(name, value);
            subvolumes.get(ref).properties.put(name, value);
        }
    }

    @Override
    public synchronized SortedMap<String, String> properties(FilePlace place) throws IOException {
        String compress = paths.find(place).compress;
        return new TreeMap<>(compress == null ? Map.of() : Map.of(Property.COMPRESS, compress));
    }

    @Override
    public synchronized void setProperty(FilePlace place, String name, @Nullable String value)
            throws IOException {
        Property.requireOfFile(name, value);
        ModelInode inode = paths.find(place);
        if (place.ref().isSnapshot()) {
            throw new RequestException(ErrorKind.READ_ONLY, place + " is in a snapshot");
        }
        if (!inode.isCompressible()) {
            throw new RequestException(ErrorKind.INVALID, place + " has no content");
        }
        inode.requireChangeable();
        inode.compress = value;
        inode.changed = subvolumes.get(place.ref()).tree.now();
    }

    @Override
    public synchronized void hold(Ref ref, String tag) throws RequestException {
        if (subvolumes.get(ref).properties.putIfAbsent(Property.HOLD_PREFIX + tag, "now") != null) {
            throw new RequestException(ErrorKind.EXISTS, "'" + ref + "' is held already");
        }
    }

    @Override
    public synchronized void release(Ref ref, String tag) throws RequestException {
        if (subvolumes.get(ref).properties.remove(Property.HOLD_PREFIX + tag) == null) {
            throw new RequestException(ErrorKind.NOT_FOUND, "'" + ref + "' is not held");
        }
    }

    @Override
    public synchronized List<BookmarkInfo> bookmarks() throws RequestException {
        requireOpen();
        return subvolumes.bookmarks();
    }

    @Override
    public synchronized BookmarkInfo createBookmark(Ref snapshot, String name)
            throws RequestException {
        requireOpen();
        Ref valid = Ref.parseSnapshot(snapshot.toString());
        return subvolumes.createBookmark(valid, BookmarkRef.of(valid.subvolume(), name));
    }

    @Override
    public synchronized void deleteBookmarks(List<BookmarkRef> refs) throws RequestException {
        requireOpen();
        subvolumes.deleteBookmarks(refs);
    }

    @Override
    public synchronized List<SpaceUsage> spaceUsage(List<Ref> refs) throws RequestException {
        List<SpaceUsage> usages = new ArrayList<>();
        for (Ref ref : refs.isEmpty() ? list().stream().map(SubvolumeInfo::ref).toList() : refs) {
            long bytes = subvolumes.get(ref).tree.allocatedBlockCount() * BLOCK_BYTES;
            usages.add(new SpaceUsage(ref, bytes, bytes, 0, 0, 0L));
        }
        return usages;
    }

    @Override
    public synchronized List<PathUsage> pathUsage(List<FilePlace> places) throws IOException {
        List<PathUsage> usages = new ArrayList<>();
        for (FilePlace place : places) {
            usages.add(ModelPaths.usage(volume(place.ref()), place));
        }
        return usages;
    }

    @Override
    public synchronized FreedSpace freedByDeleting(List<Ref> refs) throws RequestException {
        long bytes = 0;
        for (Ref ref : Set.copyOf(refs)) {
            bytes += subvolumes.get(ref).tree.allocatedBlockCount() * BLOCK_BYTES;
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

    /// It has room for everything, whatever size it is told to have.
    @Override
    public synchronized long resize(long sizeBytes) throws RequestException {
        requireOpen();
        return BLOCK_COUNT * BLOCK_BYTES;
    }

    @Override
    public synchronized long trim() throws RequestException {
        requireOpen();
        return 0;
    }

    @Override
    public synchronized void sync() throws RequestException {
        requireOpen();
    }

    /// To and from this model alone.
    @Override
    public StreamOperations streams() {
        return streams;
    }

    @Override
    public synchronized void awaitReclaim() throws RequestException {
        requireOpen();
    }

    VolumeStatus status() {
        long inodes = subvolumes.trees().mapToLong(ModelTree::inodeCount).sum();
        long free = BLOCK_COUNT - subvolumes.usedBlockCount();
        return new VolumeStatus(BLOCK_COUNT, free, free, inodes, BLOCK_COUNT);
    }

    /// The tree with a number.
    synchronized ModelTree tree(long id) throws RequestException {
        ModelTree frozen = paths.lookupFrozen(id);
        if (frozen != null) {
            return frozen;
        }
        return subvolumes
                .trees()
                .filter(each -> each.id == id)
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

    synchronized ModelSubvolumes subvolumes() throws RequestException {
        requireOpen();
        return subvolumes;
    }

    synchronized long newTreeId() {
        return nextTreeId++;
    }
}
