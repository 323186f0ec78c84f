package cowfs.check;

import cowfs.device.BlockDevice;
import cowfs.error.ErrorKind;
import cowfs.error.ImageException;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.txn.Rebuild;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// The search for the subvolumes and snapshots of a damaged image: those that the root tree still
/// has, and where it can't be read whole, those of the root trees of older superblocks, the newest
/// first. What is known to be deleted stays so.
///
/// Their names agree afterwards: a snapshot has its subvolume, and no name is there twice.
final class SubvolumeSearch {
    private final BlockDevice device;
    private final Rebuild.Base base;
    private final List<String> actions;

    /// @param actions takes what is done, a line each
    SubvolumeSearch(BlockDevice device, Rebuild.Base base, List<String> actions) {
        this.device = device;
        this.base = base;
        this.actions = actions;
    }

    /// Finds them.
    ///
    /// @param first the check of the image; it claims the blocks of what is found elsewhere
    /// @throws ImageException when there is none: then there is nothing to repair
    NavigableMap<Long, SubvolumeItem> find(CheckRun first) throws ImageException {
        TreeMap<Long, SubvolumeItem> found = new TreeMap<>(first.rootItems().subvolumes());
        if (!first.isRootTreeRead()) {
            Set<Long> deleted = new HashSet<>();
            first.rootItems().reclaimed().forEach(each -> deleted.add(each.tree()));
            for (Superblock older : base.all()) {
                CheckRun.rootItemsOf(device, older)
                        .subvolumes()
                        .forEach(
                                (id, item) -> {
                                    if (id < base.superblock().nextTreeId()
                                            && !deleted.contains(id)
                                            && found.putIfAbsent(id, item) == null) {
                                        first.claim(id, item);
                                        actions.add(
                                                "took '"
                                                        + item.name()
                                                        + "' from the older state of txg "
                                                        + older.txg());
                                    }
                                });
            }
        }
        if (found.isEmpty()) {
            throw new ImageException(
                    ErrorKind.CORRUPT,
                    "no subvolume can be found in this image, nothing was changed");
        }
        giveUpReceiving(found);
        makeNamesRight(found);
        return found;
    }

    private void giveUpReceiving(NavigableMap<Long, SubvolumeItem> found) {
        found.values()
                .removeIf(
                        item -> {
                            if (item.isHidden()) {
                                actions.add(
                                        "gave up what had been received so far of '"
                                                + item.name()
                                                + "'");
                            }
                            return item.isHidden();
                        });
    }

    /// A snapshot without its subvolume becomes one; of equal names only one is kept.
    private void makeNamesRight(NavigableMap<Long, SubvolumeItem> found) {
        record Name(long parent, String name) {}
        Set<Name> names = new HashSet<>();
        found.replaceAll(
                (id, item) -> {
                    SubvolumeItem parent = found.get(item.parentTree());
                    SubvolumeItem right = item;
                    if (item.isSnapshot() && (parent == null || parent.isSnapshot())) {
                        right = right.asSubvolume();
                        actions.add("made the snapshot '" + item.name() + "' a subvolume");
                    }
                    if (!names.add(new Name(right.parentTree(), right.name()))) {
                        right = right.withName("tree-" + id);
                        names.add(new Name(right.parentTree(), right.name()));
                        actions.add("renamed a second '" + item.name() + "' to tree-" + id);
                    }
                    return right;
                });
    }

    /// What they are called, as commands take it.
    static Map<Long, String> names(Map<Long, SubvolumeItem> subvolumes) {
        Map<Long, String> names = new TreeMap<>();
        subvolumes.forEach(
                (id, item) -> {
                    SubvolumeItem parent = subvolumes.get(item.parentTree());
                    names.put(id, parent == null ? item.name() : parent.name() + "@" + item.name());
                });
        return names;
    }
}
