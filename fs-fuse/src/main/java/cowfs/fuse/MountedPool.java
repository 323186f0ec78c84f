package cowfs.fuse;

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
import cowfs.api.PoolInfo;
import cowfs.api.PoolOperations;
import cowfs.api.Property;
import cowfs.api.Ref;
import cowfs.api.RollbackReport;
import cowfs.api.ScrubReport;
import cowfs.api.SpaceUsage;
import cowfs.api.StreamOperations;
import cowfs.api.SubvolumeInfo;
import cowfs.api.WorkProgress;
import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The operations of a pool with the mounts of this process in mind: before a subvolume is copied,
/// what programs have written to it is brought in.
///
/// Thread safe. Must not be called by a thread that serves a mount.
final class MountedPool implements PoolOperations {
    private final Pool pool;

    MountedPool(Pool pool) {
        this.pool = pool;
    }

    @Override
    public List<SubvolumeInfo> snapshot(List<Ref> snapshots) throws IOException {
        for (Ref snapshot : snapshots) {
            barrier(new Ref(snapshot.subvolume(), null));
        }
        return pool.snapshot(snapshots);
    }

    @Override
    public SubvolumeInfo cloneSubvolume(Ref source, String name) throws IOException {
        barrier(source);
        return pool.cloneSubvolume(source, name);
    }

    /// A mounted subvolume shows the new content when this returns. What was open in it is stale.
    @Override
    public RollbackReport rollback(Ref snapshot, @Nullable Ref keepAs) throws IOException {
        Ref live = new Ref(snapshot.subvolume(), null);
        List<Mount> mounts = mountsOf(live);
        for (Mount mount : mounts) {
            if (!mount.canInvalidateAll()) {
                throw new RequestException(
                        ErrorKind.BUSY,
                        "'"
                                + live
                                + "' is mounted on "
                                + mount.directory()
                                + ", and its kernel could not be made to forget the old content (that takes Linux 6.16"
                                + " and the transport 'kernel'); unmount it first: "
                                + CommandHint.of("umount", mount.directory()));
            }
        }
        for (Mount mount : mounts) {
            mount.barrier();
        }
        RollbackReport done = pool.rollback(snapshot, keepAs);
        for (Mount mount : mounts) {
            mount.replaceContent(pool.volume(live));
        }
        return done;
    }

    @Override
    public List<FileVersion> history(Ref ref, FilePath path) throws IOException {
        for (Mounts.Entry entry : Mounts.live(pool)) {
            entry.mount().barrier();
        }
        return pool.history(ref, path);
    }

    @Override
    public Ref undelete(Ref live, FilePath path) throws IOException {
        List<Mount> mounts = mountsOf(live);
        for (Mount mount : mounts) {
            mount.requireNotices();
            mount.barrier();
        }
        Ref from = pool.undelete(live, path);
        for (Mount mount : mounts) {
            mount.nameAppeared(directory(pool.volume(live), path), path.name());
        }
        return from;
    }

    @Override
    public CopyReport copy(Ref from, FilePath path, Ref live, FilePath to) throws IOException {
        List<Mount> mounts = mountsOf(live);
        for (Mount mount : mounts) {
            mount.requireNotices();
            mount.barrier();
        }
        barrier(from);
        CopyReport done = pool.copy(from, path, live, to);
        for (Mount mount : mounts) {
            mount.nameAppeared(directory(pool.volume(live), done.path()), done.path().name());
        }
        return done;
    }

    @Override
    public DedupReport dedup(List<FilePlace> places, int unitBytes, WorkProgress progress)
            throws IOException {
        for (FilePlace place : places) {
            barrier(place.ref());
        }
        return pool.dedup(places, unitBytes, progress); // what the kernel has cached stays true
    }

    private static long directory(Volume volume, FilePath path) throws IOException {
        long at = Volume.ROOT_INODE;
        for (byte[] name : path.parent().names()) {
            at = volume.lookup(at, name).inode();
        }
        return at;
    }

    @Override
    public List<Ref> purge(FilePath path, List<Ref> snapshots) throws IOException {
        Map<Ref, Long> treeIds = treeIds();
        for (Ref ref : snapshots.isEmpty() ? treeIds.keySet() : snapshots) {
            if (ref.isSnapshot()) {
                requireUnmounted(ref, treeIds.get(ref));
            }
        }
        List<Ref> purged = pool.purge(path, snapshots);
        for (Ref ref : purged) {
            long treeId = Objects.requireNonNull(treeIds.get(ref), "it was listed");
            for (Mounts.Entry entry : Mounts.live(pool)) {
                entry.mount().snapshotReplaced(treeId);
            }
        }
        return purged;
    }

    @Override
    public void delete(List<Ref> refs) throws IOException {
        Map<Ref, Long> treeIds = treeIds();
        for (Ref ref : refs) {
            requireUnmounted(ref, treeIds.get(ref));
        }
        pool.delete(refs);
    }

    @Override
    public long resize(long sizeBytes) throws IOException {
        return pool.resize(sizeBytes);
    }

    @Override
    public long trim() throws IOException {
        return pool.trim();
    }

    @Override
    public void sync() throws IOException {
        for (Mounts.Entry entry : Mounts.live(pool)) {
            entry.mount().barrier();
        }
        pool.sync();
    }

    @Override
    public List<SpaceUsage> spaceUsage(List<Ref> refs) throws IOException {
        for (Mounts.Entry entry : Mounts.live(pool)) {
            entry.mount().barrier();
        }
        return pool.spaceUsage(refs);
    }

    /// What other mounts have not handed over does not lie at these paths.
    @Override
    public List<PathUsage> pathUsage(List<FilePlace> places) throws IOException {
        for (FilePlace place : places) {
            barrier(place.ref());
        }
        return pool.pathUsage(places);
    }

    @Override
    public FreedSpace freedByDeleting(List<Ref> refs) throws IOException {
        for (Mounts.Entry entry : Mounts.live(pool)) {
            entry.mount().barrier();
        }
        return pool.freedByDeleting(refs);
    }

    @Override
    public PinnedState pin() throws IOException {
        for (Mounts.Entry entry : Mounts.live(pool)) {
            entry.mount().barrier();
        }
        return pool.pin();
    }

    @Override
    public FileChanges diff(Ref before, Ref after, FilePath under) throws IOException {
        barrier(before);
        barrier(after);
        return pool.diff(before, after, under);
    }

    @Override
    public SortedMap<String, String> properties(Ref ref) throws IOException {
        return pool.properties(ref);
    }

    @Override
    public void setProperty(Ref ref, String name, @Nullable String value) throws IOException {
        if (Property.limits(name)) {
            barrier(ref); // what was written before is not refused
        }
        pool.setProperty(ref, name, value);
    }

    @Override
    public SortedMap<String, String> properties(FilePlace place) throws IOException {
        return pool.properties(place);
    }

    @Override
    public void setProperty(FilePlace place, String name, @Nullable String value)
            throws IOException {
        pool.setProperty(place, name, value); // of what is written from now on
    }

    @Override
    public List<BookmarkInfo> bookmarks() throws IOException {
        return pool.bookmarks();
    }

    @Override
    public BookmarkInfo createBookmark(Ref snapshot, String name) throws IOException {
        return pool.createBookmark(snapshot, name);
    }

    @Override
    public void deleteBookmarks(List<BookmarkRef> bookmarks) throws IOException {
        pool.deleteBookmarks(bookmarks);
    }

    @Override
    public void hold(Ref ref, String tag) throws IOException {
        pool.hold(ref, tag);
    }

    @Override
    public void release(Ref ref, String tag) throws IOException {
        pool.release(ref, tag);
    }

    @Override
    public PoolInfo info() throws IOException {
        return pool.info();
    }

    @Override
    public List<SubvolumeInfo> list() throws IOException {
        return pool.list();
    }

    @Override
    public SubvolumeInfo createSubvolume(String name) throws IOException {
        return pool.createSubvolume(name);
    }

    @Override
    public SubvolumeInfo renameSubvolume(String from, String to) throws IOException {
        return pool.renameSubvolume(from, to);
    }

    @Override
    public void startScrub(long bytesPerSecond, boolean restart) throws IOException {
        pool.startScrub(bytesPerSecond, restart);
    }

    @Override
    public void stopScrub() throws IOException {
        pool.stopScrub();
    }

    @Override
    public ScrubReport scrub() throws IOException {
        return pool.scrub();
    }

    @Override
    public StreamOperations streams() {
        return pool.streams();
    }

    @Override
    public void awaitReclaim() throws IOException {
        pool.awaitReclaim();
    }

    private void requireUnmounted(Ref ref, @Nullable Long treeId) throws RequestException {
        for (Mounts.Entry entry : Mounts.live(pool)) {
            if (treeId != null && entry.target().treeId() == treeId) {
                throw new RequestException(
                        ErrorKind.BUSY,
                        "'"
                                + ref
                                + "' is mounted on "
                                + entry.mount().directory()
                                + "; unmount it first: "
                                + CommandHint.of("umount", entry.mount().directory()));
            }
        }
    }

    private void barrier(Ref source) throws IOException {
        for (Mount mount : mountsOf(source)) {
            mount.barrier();
        }
    }

    private List<Mount> mountsOf(Ref ref) throws IOException {
        Long treeId = treeIds().get(ref);
        return Mounts.live(pool).stream()
                .filter(entry -> treeId != null && entry.target().treeId() == treeId)
                .map(Mounts.Entry::mount)
                .toList();
    }

    private Map<Ref, Long> treeIds() throws IOException {
        return pool.list().stream()
                .collect(Collectors.toMap(SubvolumeInfo::ref, SubvolumeInfo::treeId));
    }
}
