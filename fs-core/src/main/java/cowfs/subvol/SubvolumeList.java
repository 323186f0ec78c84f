package cowfs.subvol;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.RequestException;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The subvolumes and snapshots of one committed state, without those that are still being
/// received. Immutable.
///
/// @param all each subvolume, by name, followed by its snapshots, oldest first
public record SubvolumeList(List<Subvolume> all) {
    static final Comparator<Subvolume> ORDER = SubvolumeList::compare;

    private static int compare(Subvolume a, Subvolume b) {
        int names = a.subvolumeName().compareTo(b.subvolumeName());
        if (names != 0) {
            return names;
        }
        return a.isSnapshot() == b.isSnapshot()
                ? Long.compare(a.treeId(), b.treeId())
                : Boolean.compare(a.isSnapshot(), b.isSnapshot());
    }

    /// Reads them from a root tree.
    public static SubvolumeList of(BTree rootTree) throws IOException {
        TreeMap<Long, SubvolumeItem> items = new TreeMap<>();
        Cursor cursor = rootTree.cursor();
        for (boolean more = cursor.seek(0, 0, 0); more; more = cursor.next()) {
            if (cursor.kind() == ItemKind.SUBVOLUME.number()) {
                items.put(
                        cursor.inode(),
                        SubvolumeItem.readFrom(
                                cursor.page(),
                                cursor.position(),
                                cursor.lengthBytes(),
                                "tree=" + cursor.inode()));
            }
        }
        return of(items);
    }

    private static SubvolumeList of(TreeMap<Long, SubvolumeItem> items) {
        List<Subvolume> all = new ArrayList<>();
        items.forEach(
                (id, item) -> {
                    if (item.isHidden()) {
                        return;
                    }
                    SubvolumeItem parent = items.get(item.parentTree());
                    all.add(new Subvolume(id, (parent == null ? item : parent).name(), item));
                });
        all.sort(ORDER);
        return new SubvolumeList(List.copyOf(all));
    }

    /// The subvolume, or its snapshot, with a name; null when there is none.
    public @Nullable Subvolume lookup(String subvolume, @Nullable String snapshot) {
        return all.stream()
                .filter(
                        each ->
                                each.subvolumeName().equals(subvolume)
                                        && (snapshot == null
                                                ? !each.isSnapshot()
                                                : each.isSnapshot()
                                                        && each.item().name().equals(snapshot)))
                .findFirst()
                .orElse(null);
    }

    /// The subvolume, or its snapshot, with a name.
    ///
    /// @throws RequestException `NOT_FOUND`
    public Subvolume get(String subvolume, @Nullable String snapshot) throws RequestException {
        if (lookup(subvolume, null) == null) {
            throw SubvolumeNames.absent(subvolume, null);
        }
        Subvolume found = lookup(subvolume, snapshot);
        if (found == null) {
            throw SubvolumeNames.absent(subvolume, snapshot);
        }
        return found;
    }

    /// What a tree is called, such as `main@monday`; null when it is not there.
    public @Nullable String lookupName(long treeId) {
        return all.stream()
                .filter(each -> each.treeId() == treeId)
                .map(Subvolume::fullName)
                .findFirst()
                .orElse(null);
    }
}
