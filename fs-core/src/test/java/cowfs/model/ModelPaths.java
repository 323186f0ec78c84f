package cowfs.model;

import cowfs.api.CopyReport;
import cowfs.api.FilePlace;
import cowfs.api.FileVersion;
import cowfs.api.PathUsage;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.dir.DirectoryReader;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import cowfs.fs.PathLookup;
import cowfs.fs.SubtreeRemoval;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a {@link ModelPool} does to one path over its trees: history, undelete, copy, purge.
/// Guarded by the lock of the pool.
final class ModelPaths {
    /// The number of a tree that is copied from.
    private static final long FROZEN = -1;

    private final ModelPool pool;

    /// What is being copied from.
    private @Nullable ModelTree frozen;

    ModelPaths(ModelPool pool) {
        this.pool = pool;
    }

    /// The state that is being copied from, if it has this number.
    @Nullable ModelTree lookupFrozen(long id) {
        return frozen != null && frozen.id == id ? frozen : null;
    }

    List<FileVersion> history(Ref ref, FilePath path) throws IOException {
        return new VolumeHistory(pool).of(ref, path);
    }

    Ref undelete(Ref live, FilePath path) throws IOException {
        if (live.isSnapshot() || path.isRoot()) {
            throw new RequestException(ErrorKind.INVALID, live + ":" + path);
        }
        ModelVolume target = pool.volume(live);
        if (PathLookup.find(target, path) != 0) {
            throw new RequestException(ErrorKind.EXISTS, live + ":" + path);
        }
        for (ModelSubvolume each : pool.subvolumes().get(live).snapshots.reversed()) {
            ModelVolume source = pool.volume(new Ref(live.subvolume(), each.name));
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

    CopyReport copy(Ref from, FilePath path, Ref live, FilePath to) throws IOException {
        Volume source = pool.volume(from);
        Volume target = pool.volume(live);
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
        frozen = pool.subvolumes().get(from).tree.copy(FROZEN, true);
        ModelCopy copy = new ModelCopy(new ModelVolume(pool, from.toString(), frozen), target);
        copy.copy(inode, directory, place.name());
        frozen = null;
        return new CopyReport(live, place, copy.count());
    }

    /// The file or directory at a place.
    ModelInode find(FilePlace place) throws IOException {
        long inode = PathLookup.find(pool.volume(place.ref()), place.path());
        if (inode == 0) {
            throw new RequestException(ErrorKind.NOT_FOUND, place + "");
        }
        return pool.subvolumes().get(place.ref()).tree.get(inode);
    }

    /// What {@link Pool#dedup} refuses.
    void requireLive(List<FilePlace> places) throws IOException {
        for (FilePlace place : places) {
            Volume volume = pool.volume(place.ref());
            if (place.ref().isSnapshot()) {
                throw new RequestException(ErrorKind.READ_ONLY, place + "");
            }
            if (PathLookup.find(volume, place.path()) == 0) {
                throw new RequestException(ErrorKind.NOT_FOUND, place + "");
            }
        }
    }

    /// Nothing is shared in the model.
    static PathUsage usage(Volume volume, FilePlace place) throws IOException {
        long top = PathLookup.find(volume, place.path());
        if (top == 0) {
            throw new RequestException(ErrorKind.NOT_FOUND, place + "");
        }
        Map<Long, Attributes> found = new HashMap<>();
        Deque<Long> open = new ArrayDeque<>(List.of(top));
        while (!open.isEmpty()) {
            Attributes each = volume.getAttributes(open.pop());
            found.put(each.inode(), each);
            if (each.isDirectory()) {
                volume.readDirectory(
                        each.inode(),
                        DirectoryReader.PARENT_COOKIE,
                        (name, inode, type, cookie) -> {
                            open.push(inode);
                            return true;
                        });
            }
        }
        long directories = found.values().stream().filter(Attributes::isDirectory).count();
        long bytes = found.values().stream().mapToLong(each -> each.blockCount() * 512).sum();
        return new PathUsage(
                place, found.size() - directories, directories, bytes, bytes, 0, 0, bytes, bytes);
    }

    List<Ref> purge(FilePath path, List<Ref> refs) throws IOException {
        List<Ref> chosen = new ArrayList<>();
        List<Ref> all = new ArrayList<>(refs);
        if (refs.isEmpty()) {
            pool.list().stream().map(SubvolumeInfo::ref).filter(Ref::isSnapshot).forEach(all::add);
        }
        for (Ref ref : all) {
            if (!ref.isSnapshot() || path.isRoot()) {
                throw new RequestException(ErrorKind.INVALID, ref + ":" + path);
            }
            if (PathLookup.find(pool.volume(ref), path) != 0) {
                chosen.add(ref);
            }
        }
        if (chosen.isEmpty()) {
            throw new RequestException(ErrorKind.NOT_FOUND, "no snapshot has " + path);
        }
        for (Ref ref : chosen) {
            if (pool.subvolumes().get(ref).isHeld()) {
                throw new RequestException(ErrorKind.BUSY, "'" + ref + "' is held");
            }
        }
        for (Ref ref : chosen) {
            ModelSubvolume snapshot = pool.subvolumes().get(ref);
            ModelTree old = snapshot.tree;
            ModelTree changed = old.copy(old.id, false);
            ModelVolume volume = new ModelVolume(pool, ref.toString(), changed);
            long directory = PathLookup.find(volume, path.parent());
            new SubtreeRemoval(volume).remove(directory, path.name());
            snapshot.tree = changed.copy(old.id, true);
            snapshot.renew();
            old.replace();
        }
        return chosen;
    }
}
