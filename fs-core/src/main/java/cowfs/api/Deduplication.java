package cowfs.api;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.error.SizeText;
import cowfs.format.Blocks;
import cowfs.fs.Dedup;
import cowfs.fs.PathLookup;
import cowfs.fs.TreeVolume;
import cowfs.subvol.Reclaim;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.FileTree;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Has equal content of live subvolumes share its blocks. Each subvolume is looked at through a
/// hidden clone, which lasts to the end and is deleted then; one that a crash has left goes when
/// the pool is opened next. Whoever asked waits for the space that the clones have kept, and for no
/// other that is coming back. Thread safe.
final class Deduplication {
    private final PoolStore store;
    private final Subvolumes subvolumes;
    private final Reclaim reclaim;
    private final TreeCopies copies;

    Deduplication(PoolStore store, Subvolumes subvolumes, Reclaim reclaim, TreeCopies copies) {
        this.store = store;
        this.subvolumes = subvolumes;
        this.reclaim = reclaim;
        this.copies = copies;
    }

    DedupReport run(List<FilePlace> places, int unitBytes, WorkProgress progress)
            throws IOException {
        if (!PoolOperations.isDedupUnit(unitBytes)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "a unit has 4 KiB to 1 MiB, a power of two, not "
                            + SizeText.written(unitBytes));
        }
        for (FilePlace place : places) {
            if (get(place).isSnapshot()) {
                throw new RequestException(
                        ErrorKind.READ_ONLY,
                        "'"
                                + place.ref()
                                + "' is a snapshot, which never changes: name a subvolume");
            }
        }
        store.sync();
        long before = usedBytes();
        Dedup dedup = new Dedup(unitBytes / Blocks.SIZE);
        Map<Long, Subvolume> frozen = new LinkedHashMap<>();
        try {
            List<Target> targets = new ArrayList<>();
            for (FilePlace place : places) {
                targets.add(target(frozen, place));
            }
            long total = 0;
            for (Target each : progress == WorkProgress.NONE ? List.<Target>of() : targets) {
                total += Dedup.sizeBytes(each.fixed, each.inode);
            }
            long all = total;
            for (Target each : targets) {
                dedup.add(
                        each.fixed,
                        each.live,
                        each.inode,
                        done -> progress.at(done, Math.max(done, all)));
            }
            store.sync(); // before the clones go, which hold what was shared
        } finally {
            subvolumes.delete(new ArrayList<>(frozen.values()));
        }
        reclaim.await(frozen.values().stream().map(Subvolume::treeId).toList());
        store.sync();
        return new DedupReport(
                dedup.fileCount(),
                dedup.scannedBytes(),
                dedup.sharedBytes(),
                dedup.leftOutBytes(),
                before,
                usedBytes());
    }

    /// A place in a tree that does not change, and the tree that it is of.
    private record Target(FileTree fixed, FileTree live, long inode) {}

    private Target target(Map<Long, Subvolume> frozen, FilePlace place) throws IOException {
        Subvolume live = get(place);
        Subvolume fixed = frozen.get(live.treeId());
        if (fixed == null) {
            fixed = copies.freeze(live);
            frozen.put(live.treeId(), fixed);
        }
        FileTree tree = subvolumes.tree(fixed);
        long inode = PathLookup.find(new TreeVolume(tree, Clock.systemUTC()), place.path());
        if (inode == 0) {
            throw new RequestException(ErrorKind.NOT_FOUND, "'" + place + "' does not exist");
        }
        return new Target(tree, subvolumes.tree(live), inode);
    }

    private Subvolume get(FilePlace place) throws IOException {
        return subvolumes.get(place.ref().subvolume(), place.ref().snapshot());
    }

    private long usedBytes() {
        return Blocks.toBytes(store.status().usedBlockCount());
    }
}
