package cowfs.tools.daemon;

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
import cowfs.api.PoolInfo;
import cowfs.api.PoolOperations;
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
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// A daemon's pool as its control socket offers it: a mount goes by the name that its subvolume
/// has, and once the pool is closed nothing reaches it.
///
/// Thread safe.
final class ServedPool implements PoolOperations {
    private final PoolOperations pool;
    private final ServedMounts mounts;
    // read by requests, written once, to close
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
    private boolean closed;

    ServedPool(PoolOperations pool, ServedMounts mounts) {
        this.pool = pool;
        this.mounts = mounts;
    }

    /// Waits for the requests under way and lets no other in.
    void shut() {
        gate.writeLock().lock();
        try {
            closed = true;
        } finally {
            gate.writeLock().unlock();
        }
    }

    @Override
    public PoolInfo info() throws IOException {
        return inside(pool::info);
    }

    @Override
    public List<SubvolumeInfo> list() throws IOException {
        return inside(pool::list);
    }

    @Override
    public SubvolumeInfo createSubvolume(String name) throws IOException {
        return inside(() -> pool.createSubvolume(name));
    }

    @Override
    public SubvolumeInfo renameSubvolume(String from, String to) throws IOException {
        return inside(
                () -> {
                    synchronized (mounts) {
                        SubvolumeInfo renamed = pool.renameSubvolume(from, to);
                        mounts.renamed(from, to);
                        return renamed;
                    }
                });
    }

    @Override
    public List<SubvolumeInfo> snapshot(List<Ref> snapshots) throws IOException {
        return inside(() -> pool.snapshot(snapshots));
    }

    @Override
    public SubvolumeInfo cloneSubvolume(Ref source, String name) throws IOException {
        return inside(() -> pool.cloneSubvolume(source, name));
    }

    @Override
    public RollbackReport rollback(Ref snapshot, @Nullable Ref keepAs) throws IOException {
        return inside(() -> pool.rollback(snapshot, keepAs));
    }

    @Override
    public List<FileVersion> history(Ref ref, FilePath path) throws IOException {
        return inside(() -> pool.history(ref, path));
    }

    @Override
    public Ref undelete(Ref live, FilePath path) throws IOException {
        return inside(() -> pool.undelete(live, path));
    }

    @Override
    public CopyReport copy(Ref from, FilePath path, Ref live, FilePath to) throws IOException {
        return inside(() -> pool.copy(from, path, live, to));
    }

    @Override
    public DedupReport dedup(List<FilePlace> places, int unitBytes, WorkProgress progress)
            throws IOException {
        return inside(() -> pool.dedup(places, unitBytes, progress));
    }

    @Override
    public List<Ref> purge(FilePath path, List<Ref> snapshots) throws IOException {
        return inside(() -> pool.purge(path, snapshots));
    }

    @Override
    public void delete(List<Ref> refs) throws IOException {
        inside(
                () -> {
                    pool.delete(refs);
                    return refs;
                });
    }

    @Override
    public SortedMap<String, String> properties(Ref ref) throws IOException {
        return inside(() -> pool.properties(ref));
    }

    @Override
    public void setProperty(Ref ref, String name, @Nullable String value) throws IOException {
        inside(
                () -> {
                    pool.setProperty(ref, name, value);
                    return pool;
                });
    }

    @Override
    public SortedMap<String, String> properties(FilePlace place) throws IOException {
        return inside(() -> pool.properties(place));
    }

    @Override
    public void setProperty(FilePlace place, String name, @Nullable String value)
            throws IOException {
        inside(
                () -> {
                    pool.setProperty(place, name, value);
                    return pool;
                });
    }

    @Override
    public void hold(Ref ref, String tag) throws IOException {
        inside(
                () -> {
                    pool.hold(ref, tag);
                    return pool;
                });
    }

    @Override
    public void release(Ref ref, String tag) throws IOException {
        inside(
                () -> {
                    pool.release(ref, tag);
                    return pool;
                });
    }

    @Override
    public List<BookmarkInfo> bookmarks() throws IOException {
        return inside(pool::bookmarks);
    }

    @Override
    public BookmarkInfo createBookmark(Ref snapshot, String name) throws IOException {
        return inside(() -> pool.createBookmark(snapshot, name));
    }

    @Override
    public void deleteBookmarks(List<BookmarkRef> bookmarks) throws IOException {
        inside(
                () -> {
                    pool.deleteBookmarks(bookmarks);
                    return pool;
                });
    }

    @Override
    public List<SpaceUsage> spaceUsage(List<Ref> refs) throws IOException {
        return inside(() -> pool.spaceUsage(refs));
    }

    @Override
    public List<PathUsage> pathUsage(List<FilePlace> places) throws IOException {
        return inside(() -> pool.pathUsage(places));
    }

    /// Each difference is a request of its own: whoever reads them slowly keeps nobody from closing
    /// the pool.
    @Override
    public FileChanges diff(Ref before, Ref after, FilePath under) throws IOException {
        FileChanges changes = inside(() -> pool.diff(before, after, under));
        return new FileChanges() {
            @Override
            public @Nullable FileChange next() throws IOException {
                return inside(() -> Optional.ofNullable(changes.next())).orElse(null);
            }

            @Override
            public void close() throws IOException {
                changes.close();
            }
        };
    }

    @Override
    public FreedSpace freedByDeleting(List<Ref> refs) throws IOException {
        return inside(() -> pool.freedByDeleting(refs));
    }

    @Override
    public void startScrub(long bytesPerSecond, boolean restart) throws IOException {
        inside(
                () -> {
                    pool.startScrub(bytesPerSecond, restart);
                    return pool;
                });
    }

    @Override
    public void stopScrub() throws IOException {
        inside(
                () -> {
                    pool.stopScrub();
                    return pool;
                });
    }

    @Override
    public ScrubReport scrub() throws IOException {
        return inside(pool::scrub);
    }

    @Override
    public PinnedState pin() throws IOException {
        return new ServedPin(this, inside(pool::pin));
    }

    @Override
    public long resize(long sizeBytes) throws IOException {
        return inside(() -> pool.resize(sizeBytes));
    }

    @Override
    public long trim() throws IOException {
        return inside(pool::trim);
    }

    @Override
    public void sync() throws IOException {
        inside(
                () -> {
                    pool.sync();
                    return pool;
                });
    }

    /// Inside the gate: an unmount waits for a stream.
    @Override
    public StreamOperations streams() {
        return new ServedStreams(this, pool.streams());
    }

    /// Outside the gate: it may take long, and closing the pool ends it.
    @Override
    public void awaitReclaim() throws IOException {
        pool.awaitReclaim();
    }

    <T extends @Nullable Object> T inside(Request<T> request) throws IOException {
        gate.readLock().lock();
        try {
            if (closed) {
                throw new RequestException(
                        ErrorKind.BUSY, "the image is being closed; try again in a moment");
            }
            return request.run();
        } finally {
            gate.readLock().unlock();
        }
    }

    /// Something that is asked of the pool.
    interface Request<T extends @Nullable Object> {
        T run() throws IOException;
    }
}
