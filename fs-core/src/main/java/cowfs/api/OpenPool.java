package cowfs.api;

import cowfs.check.InodePaths;
import cowfs.check.Scrub;
import cowfs.check.ScrubStatus;
import cowfs.device.BlockDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FileChange;
import cowfs.file.FilePath;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.format.Blocks;
import cowfs.format.ScrubDamageItem;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import cowfs.fs.PathLookup;
import cowfs.fs.TreeVolume;
import cowfs.stream.FileDiff;
import cowfs.subvol.Purges;
import cowfs.subvol.Reclaim;
import cowfs.subvol.Rollbacks;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.subvol.Subvolumes.NewSnapshot;
import cowfs.txn.FileTree;
import cowfs.txn.PoolDamage;
import cowfs.txn.PoolStatus;
import cowfs.txn.PoolStore;
import cowfs.txn.StoreActivity;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// A pool over a device: the engine behind its words. Thread safe.
final class OpenPool implements Pool {
    private static final System.Logger LOG = System.getLogger("cowfs.api");

    private final BlockDevice device;
    private final Owner owner;
    private final PoolStore store;
    private final Reclaim reclaim;
    private final Subvolumes subvolumes;
    private final Scrub scrub;
    private final Purges purges;
    private final OpenProperties properties;
    private final OpenBookmarks bookmarks;
    private final TreeCopies copies;
    private final PathWork paths;
    private final Deduplication deduplication;
    private final Rollbacks rollbacks;
    private final OpenStreams streams;
    private final OpenSpace space;
    private final Map<Long, TreeVolume> volumes = new HashMap<>();

    private OpenPool(
            BlockDevice device,
            Owner owner,
            PoolStore store,
            Reclaim reclaim,
            Subvolumes subvolumes) {
        this.device = device;
        this.owner = owner;
        this.store = store;
        this.reclaim = reclaim;
        this.subvolumes = subvolumes;
        this.scrub = new Scrub(store, Clock.systemUTC());
        this.purges = new Purges(store, subvolumes, reclaim);
        this.properties = new OpenProperties(subvolumes);
        this.bookmarks = new OpenBookmarks(store, subvolumes);
        this.copies = new TreeCopies(store, subvolumes);
        this.deduplication = new Deduplication(store, subvolumes, reclaim, copies);
        this.paths = new PathWork(this, store, subvolumes, purges, copies);
        this.rollbacks = new Rollbacks(store, subvolumes, reclaim, TreeCopies.NOTE_PREFIX);
        this.streams = new OpenStreams(store, subvolumes);
        this.space = new OpenSpace(store);
    }

    /// Takes over the device, which is closed with the pool.
    static OpenPool open(BlockDevice device, OpenOptions options, Owner owner) throws IOException {
        PoolStore store = PoolStore.open(device, Images.storeOptions(options));
        Reclaim reclaim = new Reclaim(store);
        OpenPool pool =
                new OpenPool(device, owner, store, reclaim, Subvolumes.open(store, reclaim));
        if (!options.readOnly()) {
            reclaim.start();
            pool.purges.removeLeft();
            pool.copies.removeLeft();
            store.eachTick(pool::removeWaitingOrphans);
        }
        return pool;
    }

    /// Takes over the device.
    static OpenPool openDamaged(BlockDevice device, LostNode.Listener losses) throws IOException {
        PoolStore store =
                PoolStore.openDamaged(
                        device,
                        OpenOptions.DEFAULT_NODE_CACHE_BYTES,
                        loss -> losses.lost(new LostNode(loss)));
        Reclaim reclaim = new Reclaim(store);
        return new OpenPool(device, Owner.ROOT, store, reclaim, Subvolumes.open(store, reclaim));
    }

    @Override
    public Volume volume(Ref ref) throws IOException {
        Subvolume found = get(ref);
        FileTree tree = subvolumes.tree(found);
        if (found.isSnapshot()) {
            return new TreeVolume(tree, Clock.systemUTC()); // remembers nothing, and nobody has to
        }
        synchronized (volumes) {
            TreeVolume volume = volumes.get(found.treeId());
            if (volume == null || !volume.isOf(tree)) {
                volume = new TreeVolume(tree, Clock.systemUTC());
                if (!volume.readOnly() && !tree.limits().readOnly()) {
                    volume.recoverOrphans();
                    copies.recover(found, volume);
                }
                volumes.put(found.treeId(), volume);
            }
            return volume;
        }
    }

    @Override
    public PoolActivity activity() {
        StoreActivity done = store.activity();
        return new PoolActivity(
                done.commitCount(),
                done.commitNanos(),
                done.longestCommitNanos(),
                done.longestFreezeNanos(),
                done.cachedNodeReads(),
                done.deviceNodeReads(),
                done.dirtyBytes());
    }

    @Override
    public boolean readOnly() {
        return store.readOnly();
    }

    @Override
    public PoolInfo info() throws IOException {
        List<Subvolume> all = subvolumes.list();
        int snapshots = (int) all.stream().filter(Subvolume::isSnapshot).count();
        Superblock superblock = store.state().superblock();
        PoolStatus status = store.status();
        PoolDamage damage = store.damage();
        return new PoolInfo(
                superblock.uuid(),
                superblock.label(),
                Superblock.FORMAT_VERSION,
                Blocks.toBytes(status.blockCount()),
                Blocks.toBytes(status.usedBlockCount()),
                Blocks.toBytes(status.freeBlockCount()),
                Blocks.toBytes(status.reservedBlockCount()),
                Blocks.toBytes(superblock.dataBlocks()),
                Blocks.toBytes(superblock.metadataBlocks()),
                Blocks.SIZE,
                superblock.nodeBytes(),
                superblock.metadataCopies(),
                superblock.txg(),
                all.size() - snapshots,
                snapshots,
                reclaim.pendingTreeCount(),
                damage.repairedCopies(),
                damage.badCopies(),
                damage.unreadableBlocks(),
                store.failure() == null ? "" : String.valueOf(store.failure().getMessage()),
                store.recoveryNote());
    }

    @Override
    public List<SubvolumeInfo> list() throws IOException {
        List<SubvolumeInfo> infos = new ArrayList<>();
        for (Subvolume each : subvolumes.list()) {
            infos.add(describe(each));
        }
        return infos;
    }

    @Override
    public SubvolumeInfo createSubvolume(String name) throws IOException {
        Ref ref = Ref.parseSubvolume(name);
        return describe(subvolumes.create(ref.subvolume(), owner::initialise));
    }

    @Override
    public SubvolumeInfo renameSubvolume(String from, String to) throws IOException {
        return describe(
                subvolumes.rename(
                        Ref.parseSubvolume(from).subvolume(), Ref.parseSubvolume(to).subvolume()));
    }

    @Override
    public List<SubvolumeInfo> snapshot(List<Ref> snapshots) throws IOException {
        List<NewSnapshot> wanted = new ArrayList<>();
        for (Ref each : snapshots) {
            String name = each.snapshot();
            if (name == null) {
                throw new RequestException(
                        ErrorKind.INVALID,
                        "'" + each + "' names no snapshot; write it as SUBVOLUME@SNAPSHOT");
            }
            wanted.add(new NewSnapshot(each.subvolume(), name));
        }
        return subvolumes.snapshot(wanted).stream().map(this::describe).toList();
    }

    @Override
    public RollbackReport rollback(Ref snapshot, @Nullable Ref keepAs) throws IOException {
        Ref valid = Ref.parseSnapshot(snapshot.toString());
        Ref kept = keepAs == null ? null : Ref.parseSnapshot(keepAs.toString());
        if (kept != null && !kept.subvolume().equals(valid.subvolume())) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + kept + "' is no name for a snapshot of '" + valid.subvolume() + "'");
        }
        rollbacks.rollBack(
                valid.subvolume(),
                Objects.requireNonNull(valid.snapshot()),
                kept == null ? null : kept.snapshot());
        Ref live = new Ref(valid.subvolume(), null);
        removeUnfinishedCopies(live);
        return new RollbackReport(live, valid, kept);
    }

    /// Those that were under way when the snapshot was taken, which nobody is to see. One that
    /// can't be removed now goes when the subvolume is opened next: the rollback is done.
    private void removeUnfinishedCopies(Ref live) throws IOException {
        try {
            if (copies.hasNotes(get(live))) {
                volume(live);
            }
        } catch (CowException later) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "what an unfinished copy has left in {0} stays for now: {1}",
                    live,
                    later.getMessage());
        }
    }

    @Override
    public List<FileVersion> history(Ref ref, FilePath path) throws IOException {
        return paths.history(ref, path);
    }

    @Override
    public Ref undelete(Ref live, FilePath path) throws IOException {
        return paths.undelete(live, path);
    }

    @Override
    public CopyReport copy(Ref from, FilePath path, Ref live, FilePath to) throws IOException {
        return paths.copy(from, path, live, to);
    }

    @Override
    public DedupReport dedup(List<FilePlace> places, int unitBytes, WorkProgress progress)
            throws IOException {
        return deduplication.run(places, unitBytes, progress);
    }

    @Override
    public List<Ref> purge(FilePath path, List<Ref> snapshots) throws IOException {
        return paths.purge(path, snapshots);
    }

    @Override
    public SubvolumeInfo cloneSubvolume(Ref source, String name) throws IOException {
        return describe(
                subvolumes.cloneSubvolume(
                        source.subvolume(),
                        source.snapshot(),
                        Ref.parseSubvolume(name).subvolume()));
    }

    @Override
    public void delete(List<Ref> refs) throws IOException {
        List<Subvolume> doomed = new ArrayList<>();
        for (Ref ref : refs) {
            doomed.add(get(ref));
        }
        subvolumes.delete(doomed);
        synchronized (volumes) {
            doomed.forEach(each -> volumes.remove(each.treeId()));
        }
    }

    @Override
    public SortedMap<String, String> properties(Ref ref) throws IOException {
        return properties.of(get(ref));
    }

    @Override
    public void setProperty(Ref ref, String name, @Nullable String value) throws IOException {
        Property.requireSettable(name);
        if (value != null) {
            Property.requireEffect(ref, name);
        }
        properties.set(get(ref), name, value);
    }

    @Override
    public SortedMap<String, String> properties(FilePlace place) throws IOException {
        return properties.of(get(place.ref()), inode(place));
    }

    @Override
    public void setProperty(FilePlace place, String name, @Nullable String value)
            throws IOException {
        Property.requireOfFile(name, value);
        properties.set(get(place.ref()), inode(place), value);
    }

    private long inode(FilePlace place) throws IOException {
        long inode = PathLookup.find(volume(place.ref()), place.path());
        if (inode == 0) {
            throw new RequestException(ErrorKind.NOT_FOUND, "there is no '" + place + "'");
        }
        return inode;
    }

    @Override
    public void hold(Ref ref, String tag) throws IOException {
        properties.hold(get(ref), tag);
    }

    @Override
    public void release(Ref ref, String tag) throws IOException {
        properties.release(get(ref), tag);
    }

    @Override
    public List<BookmarkInfo> bookmarks() throws IOException {
        return bookmarks.list();
    }

    @Override
    public BookmarkInfo createBookmark(Ref snapshot, String name) throws IOException {
        return bookmarks.create(snapshot, name);
    }

    @Override
    public void deleteBookmarks(List<BookmarkRef> refs) throws IOException {
        bookmarks.delete(refs);
    }

    @Override
    public List<SpaceUsage> spaceUsage(List<Ref> refs) throws IOException {
        return space.of(refs);
    }

    @Override
    public List<PathUsage> pathUsage(List<FilePlace> places) throws IOException {
        return space.ofPaths(places);
    }

    @Override
    public FreedSpace freedByDeleting(List<Ref> refs) throws IOException {
        return space.freedByDeleting(refs);
    }

    @Override
    public FileChanges diff(Ref before, Ref after, FilePath under) throws IOException {
        FileDiff diff = FileDiff.open(store, get(before), get(after), under);
        return new FileChanges() {
            @Override
            public @Nullable FileChange next() throws IOException {
                return diff.next();
            }

            @Override
            public void close() {
                diff.close();
            }
        };
    }

    @Override
    public void startScrub(long bytesPerSecond, boolean restart) throws IOException {
        scrub.start(bytesPerSecond, restart);
    }

    @Override
    public void stopScrub() {
        scrub.stop();
    }

    @Override
    public ScrubReport scrub() throws IOException {
        ScrubStatus status = scrub.status();
        List<ScrubReport.LostRange> lost = new ArrayList<>();
        // paths cost a walk each, and nobody reads them while it runs
        if (status.state() != ScrubStatus.State.RUNNING) {
            for (ScrubDamageItem item : status.lost()) {
                lost.add(
                        new ScrubReport.LostRange(
                                placeOf(item),
                                item.node(),
                                item.offset(),
                                Blocks.toBytes(item.blockCount()),
                                item.address()));
            }
        }
        return new ScrubReport(
                status.state().name().toLowerCase(Locale.ROOT),
                status.startedSeconds() == 0 ? null : new Timestamp(status.startedSeconds(), 0),
                status.updatedSeconds() == 0 ? null : new Timestamp(status.updatedSeconds(), 0),
                Blocks.toBytes(status.verifiedBlocks()),
                Blocks.toBytes(status.totalBlocks()),
                status.repairedCount(),
                status.lostCount(),
                lost,
                status.failure());
    }

    private String placeOf(ScrubDamageItem item) {
        if (item.tree() < TreeId.FIRST_SUBVOLUME) {
            return "the pool's own tree " + item.tree();
        }
        String name = subvolumes.lookupName(item.tree());
        if (name == null) {
            return "deleted subvolume, tree " + item.tree();
        }
        String path = InodePaths.lookup(store, item.tree(), item.inode());
        String file = path == null ? "inode " + item.inode() : path;
        return item.node() ? name + ", files from " + file + " on" : name + ":" + file;
    }

    @Override
    public PinnedState pin() throws IOException {
        return OpenPin.of(store.pin());
    }

    @Override
    public StreamOperations streams() {
        return streams;
    }

    @Override
    public long resize(long sizeBytes) throws IOException {
        return store.resize().to(sizeBytes);
    }

    @Override
    public long trim() throws IOException {
        store.sync();
        return store.discardFree();
    }

    @Override
    public void sync() throws IOException {
        store.sync();
        removeWaitingOrphans();
    }

    private void removeWaitingOrphans() {
        List<TreeVolume> all;
        synchronized (volumes) {
            all = List.copyOf(volumes.values());
        }
        all.forEach(TreeVolume::removeWaitingOrphans);
    }

    @Override
    public void awaitReclaim() throws IOException {
        reclaim.await();
    }

    @Override
    public void close() throws IOException {
        reclaim.close();
        scrub.close();
        try {
            store.close();
        } finally {
            device.close();
        }
    }

    private Subvolume get(Ref ref) throws IOException {
        return subvolumes.get(ref.subvolume(), ref.snapshot());
    }

    private SubvolumeInfo describe(Subvolume subvolume) {
        return SubvolumeInfo.of(
                subvolume,
                subvolumes.lookupName(subvolume.item().originTree()),
                store.state().superblock());
    }
}
