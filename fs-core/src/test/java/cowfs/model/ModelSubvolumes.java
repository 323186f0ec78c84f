package cowfs.model;

import cowfs.api.BookmarkInfo;
import cowfs.api.BookmarkRef;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The subvolumes and snapshots of a {@link ModelPool} by their names. Guarded by the lock of the
/// pool.
final class ModelSubvolumes {
    private static final int BLOCK_BYTES = ModelContent.BLOCK_BYTES;

    private final List<ModelSubvolume> all = new ArrayList<>();

    void add(ModelSubvolume made) {
        all.add(made);
    }

    void removeAll(Set<ModelSubvolume> doomed) {
        all.removeAll(doomed);
        all.forEach(each -> each.snapshots.removeAll(doomed));
    }

    /// A copy that stays as it is.
    ModelSubvolumes pinned() {
        ModelSubvolumes copy = new ModelSubvolumes();
        all.forEach(each -> copy.add(each.pinned()));
        return copy;
    }

    int count() {
        return all.size();
    }

    int snapshotCount() {
        return all.stream().mapToInt(each -> each.snapshots.size()).sum();
    }

    void requireNew(Ref ref) throws RequestException {
        if (lookup(ref) != null) {
            throw new RequestException(ErrorKind.EXISTS, ref + " exists");
        }
    }

    ModelSubvolume get(Ref ref) throws RequestException {
        ModelSubvolume found = lookup(ref);
        if (found == null) {
            throw new RequestException(ErrorKind.NOT_FOUND, "no " + ref);
        }
        return found;
    }

    @Nullable ModelSubvolume lookup(Ref ref) {
        ModelSubvolume subvolume = named(all, ref.subvolume());
        String snapshot = ref.snapshot();
        return subvolume == null || snapshot == null
                ? subvolume
                : named(subvolume.snapshots, snapshot);
    }

    static @Nullable ModelSubvolume named(List<ModelSubvolume> all, String name) {
        return all.stream().filter(each -> each.name.equals(name)).findFirst().orElse(null);
    }

    Stream<ModelTree> trees() {
        return all.stream()
                .flatMap(each -> Stream.concat(Stream.of(each), each.snapshots.stream()))
                .map(each -> each.tree);
    }

    long usedBlockCount() {
        return trees().mapToLong(ModelTree::allocatedBlockCount).sum();
    }

    List<SubvolumeInfo> list() {
        List<SubvolumeInfo> infos = new ArrayList<>();
        List<ModelSubvolume> byName =
                all.stream().sorted(Comparator.comparing(each -> each.name)).toList();
        for (ModelSubvolume subvolume : byName) {
            infos.add(info(new Ref(subvolume.name, null), subvolume));
            for (ModelSubvolume snapshot : subvolume.snapshots) {
                infos.add(info(new Ref(subvolume.name, snapshot.name), snapshot));
            }
        }
        return infos;
    }

    List<BookmarkInfo> bookmarks() {
        return all.stream()
                .sorted(Comparator.comparing(each -> each.name))
                .flatMap(
                        each ->
                                each.bookmarks.stream()
                                        .map(
                                                mark ->
                                                        new BookmarkInfo(
                                                                new BookmarkRef(
                                                                        each.name,
                                                                        mark.ref().name()),
                                                                mark.snapshot(),
                                                                mark.txg(),
                                                                mark.created())))
                .toList();
    }

    BookmarkInfo createBookmark(Ref snapshot, BookmarkRef ref) throws RequestException {
        ModelSubvolume of = get(snapshot);
        ModelSubvolume subvolume = get(new Ref(snapshot.subvolume(), null));
        if (subvolume.bookmarks.stream().anyMatch(each -> each.ref().name().equals(ref.name()))) {
            throw new RequestException(ErrorKind.EXISTS, ref + " exists");
        }
        BookmarkInfo made = new BookmarkInfo(ref, of.uuid, 1, of.created);
        subvolume.bookmarks.add(made);
        return made;
    }

    void deleteBookmarks(List<BookmarkRef> refs) throws RequestException {
        for (BookmarkRef each : refs) {
            ModelSubvolume of = get(new Ref(each.subvolume(), null));
            if (of.bookmarks.stream().noneMatch(mark -> mark.ref().name().equals(each.name()))) {
                throw new RequestException(ErrorKind.NOT_FOUND, "no " + each);
            }
        }
        for (BookmarkRef each : refs) {
            get(new Ref(each.subvolume(), null))
                    .bookmarks
                    .removeIf(mark -> mark.ref().name().equals(each.name()));
        }
    }

    SubvolumeInfo info(Ref ref, ModelSubvolume subvolume) {
        return new SubvolumeInfo(
                ref,
                subvolume.tree.id,
                subvolume.uuid,
                originOf(subvolume),
                1,
                subvolume.created,
                subvolume.tree.allocatedBlockCount() * BLOCK_BYTES,
                subvolume.tree.readOnly);
    }

    private @Nullable Ref originOf(ModelSubvolume clone) {
        for (ModelSubvolume subvolume : all) {
            if (subvolume.tree.id == clone.originTreeId) {
                return new Ref(subvolume.name, null);
            }
            for (ModelSubvolume snapshot : subvolume.snapshots) {
                if (snapshot.tree.id == clone.originTreeId) {
                    return new Ref(subvolume.name, snapshot.name);
                }
            }
        }
        return null;
    }
}
