package cowfs.fuse;

import cowfs.api.FileChanges;
import cowfs.api.FreedSpace;
import cowfs.api.PinnedState;
import cowfs.api.Pool;
import cowfs.api.PoolInfo;
import cowfs.api.PoolOperations;
import cowfs.api.Ref;
import cowfs.api.ScrubReport;
import cowfs.api.SpaceUsage;
import cowfs.api.StreamOperations;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FilePath;
import java.io.IOException;
import java.util.List;
import java.util.Map;
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
    public SubvolumeInfo snapshot(Ref snapshot) throws IOException {
        barrier(new Ref(snapshot.subvolume(), null));
        return pool.snapshot(snapshot);
    }

    @Override
    public SubvolumeInfo cloneSubvolume(Ref source, String name) throws IOException {
        barrier(source);
        return pool.cloneSubvolume(source, name);
    }

    @Override
    public void delete(List<Ref> refs) throws IOException {
        Map<Ref, Long> treeIds = treeIds();
        for (Ref ref : refs) {
            for (Mounts.Entry entry : Mounts.live(pool)) {
                Long treeId = treeIds.get(ref);
                if (treeId != null && entry.target().treeId() == treeId) {
                    throw new RequestException(
                            ErrorKind.BUSY,
                            "'"
                                    + ref
                                    + "' is mounted on "
                                    + entry.mount().directory()
                                    + "; unmount it first: cowfs umount "
                                    + entry.mount().directory());
                }
            }
        }
        pool.delete(refs);
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
        pool.setProperty(ref, name, value);
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

    private void barrier(Ref source) throws IOException {
        Long treeId = treeIds().get(source);
        for (Mounts.Entry entry : Mounts.live(pool)) {
            if (treeId != null && entry.target().treeId() == treeId) {
                entry.mount().barrier();
            }
        }
    }

    private Map<Ref, Long> treeIds() throws IOException {
        return pool.list().stream()
                .collect(Collectors.toMap(SubvolumeInfo::ref, SubvolumeInfo::treeId));
    }
}
