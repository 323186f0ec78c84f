package cowfs.api;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.FilePath;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.fs.PathLookup;
import cowfs.fs.SubtreeRemoval;
import cowfs.fs.TreeVolume;
import cowfs.stream.FileHistory;
import cowfs.subvol.Purges;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a pool does to one path over its snapshots: history, undelete, copy, purge. Thread safe.
final class PathWork {
    private final Pool pool;
    private final PoolStore store;
    private final Subvolumes subvolumes;
    private final Purges purges;
    private final TreeCopies copies;

    PathWork(Pool pool, PoolStore store, Subvolumes subvolumes, Purges purges, TreeCopies copies) {
        this.pool = pool;
        this.store = store;
        this.subvolumes = subvolumes;
        this.purges = purges;
        this.copies = copies;
    }

    List<FileVersion> history(Ref ref, FilePath path) throws IOException {
        List<FileVersion> versions = new ArrayList<>();
        for (FileHistory.Version version :
                FileHistory.of(store, subvolumes.list(), get(ref), path)) {
            versions.add(
                    new FileVersion(
                            version.holders().stream()
                                    .map(
                                            each ->
                                                    new FileVersion.Holder(
                                                            SubvolumeInfo.refOf(each.subvolume()),
                                                            each.path(),
                                                            each.attributes()))
                                    .toList()));
        }
        return versions;
    }

    /// @return the snapshot that it came from
    Ref undelete(Ref live, FilePath path) throws IOException {
        Subvolume subvolume = get(live);
        if (subvolume.isSnapshot() || path.isRoot()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'" + live + ":" + path.toPrintable() + "' names no file of a live subvolume");
        }
        Volume target = pool.volume(live);
        if (PathLookup.find(target, path) != 0) {
            throw new RequestException(
                    ErrorKind.EXISTS,
                    "'"
                            + live
                            + ":"
                            + path.toPrintable()
                            + "' is there: move it away first, nothing was changed");
        }
        long directory = PathLookup.find(target, path.parent());
        List<Subvolume> newestFirst = new ArrayList<>(subvolumes.snapshots(subvolume.treeId()));
        newestFirst.sort(Comparator.comparing(Subvolume::treeId).reversed());
        for (Subvolume each : newestFirst) {
            Ref ref = SubvolumeInfo.refOf(each);
            Volume source = pool.volume(ref);
            long inode = PathLookup.find(source, path);
            if (inode != 0) {
                if (directory == 0) {
                    throw new RequestException(
                            ErrorKind.NOT_FOUND,
                            "'"
                                    + path.parent().toPrintable()
                                    + "' is gone too: undelete that, or make it");
                }
                copies.copy(each, inode, subvolume, target, directory, path.name());
                return ref;
            }
        }
        throw new RequestException(
                ErrorKind.NOT_FOUND,
                "no snapshot of '" + live + "' has '" + path.toPrintable() + "'");
    }

    CopyReport copy(Ref from, FilePath path, Ref live, FilePath to) throws IOException {
        Subvolume source = get(from);
        Subvolume subvolume = get(live);
        if (subvolume.isSnapshot()) {
            throw new RequestException(
                    ErrorKind.READ_ONLY, "'" + live + "' is a snapshot: copy into a subvolume");
        }
        long inode = PathLookup.find(pool.volume(from), path);
        if (inode == 0) {
            throw new RequestException(ErrorKind.NOT_FOUND, absent(from, path));
        }
        Volume target = pool.volume(live);
        FilePath place = place(target, live, to, path);
        long directory = PathLookup.find(target, place.parent());
        if (directory == 0) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND, absent(live, place.parent()) + ": make that directory");
        }
        return new CopyReport(
                live,
                place,
                copies.copy(source, inode, subvolume, target, directory, place.name()));
    }

    /// As with cp(1), what is copied to a directory goes into it.
    private static FilePath place(Volume target, Ref live, FilePath to, FilePath from)
            throws IOException {
        long there = PathLookup.find(target, to);
        if (there == 0) {
            return to;
        }
        boolean into = target.getAttributes(there).isDirectory() && !from.isRoot();
        FilePath place = into ? to.resolve(from.name()) : to;
        if (!into || PathLookup.find(target, place) != 0) {
            throw new RequestException(
                    ErrorKind.EXISTS,
                    "'"
                            + live
                            + ":"
                            + place.toPrintable()
                            + "' is there: remove it, or give the copy another name");
        }
        return place;
    }

    private static String absent(Ref ref, FilePath path) {
        return "'" + ref + ":" + path.toPrintable() + "' does not exist";
    }

    /// @param refs snapshots; all of the pool that have the path when empty
    /// @return those that had it
    List<Ref> purge(FilePath path, List<Ref> refs) throws IOException {
        if (path.isRoot()) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "all of a snapshot can't be purged: delete it with 'cowfs delete'");
        }
        Map<Subvolume, Long> chosen = chosen(path, refs);
        for (Subvolume each : chosen.keySet()) {
            purges.requireAllowed(each);
        }
        List<Ref> purged = new ArrayList<>();
        for (Map.Entry<Subvolume, Long> each : chosen.entrySet()) {
            purge(path, each.getKey());
            purged.add(SubvolumeInfo.refOf(each.getKey()));
        }
        return purged;
    }

    /// The snapshots that have the path.
    private Map<Subvolume, Long> chosen(FilePath path, List<Ref> refs) throws IOException {
        List<Subvolume> all = new ArrayList<>();
        if (refs.isEmpty()) {
            subvolumes.list().stream().filter(Subvolume::isSnapshot).forEach(all::add);
        } else {
            for (Ref ref : refs) {
                all.add(get(ref));
            }
        }
        Map<Subvolume, Long> having = new LinkedHashMap<>();
        for (Subvolume each : all) {
            if (!each.isSnapshot()) {
                purges.requireAllowed(each);
            }
            long inode = PathLookup.find(pool.volume(SubvolumeInfo.refOf(each)), path);
            if (inode != 0) {
                having.put(each, inode);
            }
        }
        if (having.isEmpty()) {
            throw new RequestException(
                    ErrorKind.NOT_FOUND, "none of the snapshots has '" + path.toPrintable() + "'");
        }
        return having;
    }

    private void purge(FilePath path, Subvolume snapshot) throws IOException {
        Subvolume hidden = purges.begin(snapshot);
        boolean published = false;
        try {
            TreeVolume volume = new TreeVolume(subvolumes.tree(hidden), Clock.systemUTC());
            volume.recoverOrphans();
            long directory = PathLookup.find(volume, path.parent());
            new SubtreeRemoval(volume).remove(directory, path.name());
            volume.removeWaitingOrphans();
            purges.publish(
                    snapshot, hidden, Timestamp.now().toInstant() + " " + path.toPrintable());
            published = true;
        } finally {
            if (!published) {
                purges.abandon(hidden);
            }
        }
    }

    private Subvolume get(Ref ref) throws IOException {
        return subvolumes.get(ref.subvolume(), ref.snapshot());
    }
}
