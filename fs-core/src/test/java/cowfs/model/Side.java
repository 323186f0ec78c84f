package cowfs.model;

import cowfs.api.PinnedState;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// One of the two pools of a random run, with the inodes that the run holds in it.
///
/// Inode numbers differ between the two sides, so steps name inodes by path or by the number of a
/// handle.
final class Side {
    private final PoolUnderTest image;
    private Pool pool;
    private final NavigableMap<Integer, Handle> handles = new TreeMap<>();
    private final NavigableMap<Integer, PinnedState> pins = new TreeMap<>();

    /// An inode that is held.
    record Handle(Volume volume, long inode) {}

    Side(PoolUnderTest image, long imageBytes) throws IOException {
        this.image = image;
        this.pool = image.create(imageBytes);
    }

    Pool pool() {
        return pool;
    }

    Volume volume(Ref ref) throws IOException {
        return pool.volume(ref);
    }

    /// Closes and opens the image; nothing is held then.
    void reopen() throws IOException {
        handles.clear();
        endPins();
        pool = image.reopen(pool);
    }

    void close() throws IOException {
        endPins();
        image.close(pool);
    }

    /// The states that are pinned.
    Set<Integer> pins() {
        return Collections.unmodifiableSet(pins.keySet());
    }

    void pin(int id) throws IOException {
        pins.put(id, pool.pin());
    }

    PinnedState pinned(int id) {
        PinnedState pin = pins.get(id);
        if (pin == null) {
            throw new IllegalStateException("no pin " + id);
        }
        return pin;
    }

    void endPin(int id) throws IOException {
        pinned(id).close();
        pins.remove(id);
    }

    private void endPins() throws IOException {
        for (int id : List.copyOf(pins.keySet())) {
            endPin(id);
        }
    }

    /// Walks a path.
    static long find(Volume volume, Place place) throws IOException {
        long at = Volume.ROOT_INODE;
        for (String name : place.path()) {
            at = volume.lookup(at, ModelTree.bytes(name)).inode();
        }
        return at;
    }

    NavigableMap<Integer, Handle> handles() {
        return Collections.unmodifiableNavigableMap(handles);
    }

    Handle handle(int id) {
        Handle handle = handles.get(id);
        if (handle == null) {
            throw new IllegalStateException("no handle " + id);
        }
        return handle;
    }

    void hold(int id, Volume volume, long inode) throws IOException {
        volume.hold(inode);
        handles.put(id, new Handle(volume, inode));
    }

    /// Notes an inode that is held already.
    void held(int id, Volume volume, long inode) {
        handles.put(id, new Handle(volume, inode));
    }

    void release(int id) throws IOException {
        Handle handle = handle(id);
        handle.volume().release(handle.inode(), 1);
        handles.remove(id);
    }

    /// Forgets what was held in a tree that was rolled back.
    void forgetReplaced(Volume old) {
        handles.values().removeIf(handle -> handle.volume().treeId() == old.treeId());
    }

    /// Forgets what was held in trees that are deleted.
    void forgetDeleted() throws IOException {
        Set<Long> live =
                pool.list().stream().map(SubvolumeInfo::treeId).collect(Collectors.toSet());
        handles.values().removeIf(handle -> !live.contains(handle.volume().treeId()));
    }
}
