package cowfs.api;

import cowfs.check.CountedTrees;
import cowfs.check.CowBytesWalk;
import cowfs.check.PathUsageWalk;
import cowfs.check.SpaceUsageWalk;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.subvol.Subvolume;
import cowfs.subvol.SubvolumeList;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where the space of an open pool has gone: each answer is of one durable state, that of all that
/// was changed before the question. Thread safe.
final class OpenSpace {
    private final PoolStore store;

    OpenSpace(PoolStore store) {
        this.store = store;
    }

    private <T> T read(CountedTrees.Read<T> read) throws IOException {
        if (!store.readOnly()) {
            store.sync();
        }
        return CountedTrees.read(store, read);
    }

    List<SpaceUsage> of(List<Ref> refs) throws IOException {
        return read(
                trees -> {
                    List<Subvolume> wanted = wanted(trees.list(), refs);
                    Map<Long, Long> cow = cowBytes(trees, wanted);
                    List<SpaceUsage> usages = new ArrayList<>();
                    for (Subvolume each : wanted) {
                        // null where damage is in the way
                        Long cowBytes =
                                each.isSnapshot() ? cow.get(each.treeId()) : Long.valueOf(0);
                        usages.add(usage(trees, each, cowBytes));
                    }
                    return usages;
                });
    }

    private static List<Subvolume> wanted(SubvolumeList list, List<Ref> refs)
            throws RequestException {
        if (refs.isEmpty()) {
            return list.all();
        }
        List<Subvolume> wanted = new ArrayList<>();
        for (Ref ref : refs) {
            wanted.add(get(list, ref));
        }
        return wanted;
    }

    /// It takes a walk over all snapshots: one that is damaged keeps nobody from being told what
    /// else is known of the others.
    private static Map<Long, Long> cowBytes(CountedTrees trees, List<Subvolume> wanted)
            throws IOException {
        try {
            return CowBytesWalk.of(trees, wanted::contains);
        } catch (CowException damaged) {
            if (damaged.kind() != ErrorKind.CORRUPT && damaged.kind() != ErrorKind.IO) {
                throw damaged;
            }
            return Map.of();
        }
    }

    private static SpaceUsage usage(CountedTrees trees, Subvolume each, @Nullable Long cowBytes)
            throws IOException {
        long metadata = SpaceUsageWalk.metadataBytes(each.item(), trees.superblock());
        long referenced = SpaceUsageWalk.referencedDataBytes(each.item()) + metadata;
        long exclusive = SpaceUsageWalk.freedBy(trees, List.of(each.treeId())).totalBytes();
        return new SpaceUsage(
                SubvolumeInfo.refOf(each),
                referenced,
                exclusive,
                Math.max(0, referenced - exclusive),
                metadata,
                cowBytes);
    }

    List<PathUsage> ofPaths(List<FilePlace> places) throws IOException {
        return read(
                trees -> {
                    SubvolumeList list = trees.list();
                    List<PathUsage> usages = new ArrayList<>();
                    for (FilePlace place : places) {
                        usages.add(usage(trees, get(list, place.ref()), place));
                    }
                    return usages;
                });
    }

    private static PathUsage usage(CountedTrees trees, Subvolume tree, FilePlace place)
            throws IOException {
        PathUsageWalk.Usage usage = PathUsageWalk.of(trees, tree.treeId(), place.path());
        if (usage == null) {
            throw new RequestException(ErrorKind.NOT_FOUND, "'" + place + "' does not exist");
        }
        return new PathUsage(
                place,
                usage.files(),
                usage.directories(),
                usage.referencedBytes(),
                usage.exclusiveBytes(),
                usage.referencedBytes() - usage.exclusiveBytes(),
                usage.inlineBytes(),
                usage.writtenBytes(),
                usage.storedBytes());
    }

    FreedSpace freedByDeleting(List<Ref> refs) throws IOException {
        return read(
                trees -> {
                    SubvolumeList list = trees.list();
                    Set<Long> treeIds = new LinkedHashSet<>();
                    for (Ref ref : refs) {
                        treeIds.add(get(list, ref).treeId());
                    }
                    SpaceUsageWalk.Freed freed = SpaceUsageWalk.freedBy(trees, treeIds);
                    return new FreedSpace(freed.dataBytes(), freed.metadataBytes());
                });
    }

    /// @throws RequestException `NOT_FOUND`
    private static Subvolume get(SubvolumeList list, Ref ref) throws RequestException {
        return list.get(ref.subvolume(), ref.snapshot());
    }
}
