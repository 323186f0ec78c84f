package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.error.CorruptException;
import cowfs.format.BookmarkItem;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.NodeRefItem;
import cowfs.format.PendingItem;
import cowfs.format.PropertyItem;
import cowfs.format.ScrubDamageItem;
import cowfs.format.ScrubItem;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The valid items of the root tree, collected leaf by leaf, and the rules among them. Memory
/// follows the size of the root tree. Not thread safe.
final class RootTreeItems {
    private final Superblock superblock;
    private final Findings findings;
    private final NavigableMap<Long, SubvolumeItem> subvolumes = new TreeMap<>();
    private final NavigableMap<Long, NavigableMap<Integer, PropertyItem>> properties =
            new TreeMap<>();
    private final NavigableMap<Long, List<BookmarkItem>> bookmarks = new TreeMap<>();
    private final Map<Long, NodeRefItem> roots = new HashMap<>();
    private final List<Reclaimed> reclaimed = new ArrayList<>();
    private final List<Pending> pending = new ArrayList<>();
    private boolean sound = true;

    /// A reference that a deleted tree has still to drop.
    record Reclaimed(long tree, NodeRefItem item) {}

    /// A range that the next transaction group frees.
    record Pending(long address, int blockCount) {}

    RootTreeItems(Superblock superblock, Findings findings) {
        this.superblock = superblock;
        this.findings = findings;
    }

    /// Subvolumes and snapshots by tree id.
    NavigableMap<Long, SubvolumeItem> subvolumes() {
        return subvolumes;
    }

    /// The properties of some subvolumes and snapshots, by tree id and slot; of those with the same
    /// name, the first one.
    Map<Long, Map<Integer, PropertyItem>> propertiesOf(Set<Long> trees) {
        Map<Long, Map<Integer, PropertyItem>> kept = new TreeMap<>();
        for (long tree : trees) {
            Set<String> names = new HashSet<>();
            Map<Integer, PropertyItem> bySlot = new TreeMap<>();
            properties
                    .getOrDefault(tree, new TreeMap<>())
                    .forEach(
                            (slot, each) -> {
                                if (names.add(each.name())) {
                                    bySlot.put(slot, each);
                                }
                            });
            kept.put(tree, bySlot);
        }
        return kept;
    }

    List<Reclaimed> reclaimed() {
        return reclaimed;
    }

    List<Pending> pending() {
        return pending;
    }

    /// The root of one of the pool's trees, or null when the root tree does not name it.
    @Nullable NodeRefItem root(long tree) {
        return roots.get(tree);
    }

    /// Whether all items could be decoded.
    boolean isSound() {
        return sound;
    }

    void leaf(CommittedNode leaf, FileSummary unused) {
        byte[] page = leaf.page();
        for (int slot = 0; slot < leaf.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            try {
                item(
                        Key.at(page, at),
                        page,
                        NodePage.valuePosition(page, at),
                        NodePage.valueLength(page, at));
            } catch (CorruptException damaged) {
                sound = false;
                findings.add(
                        DamageCode.BAD_ITEM, damaged.record(), damaged.where(), damaged.reason());
            }
        }
    }

    private void item(Key key, byte[] page, int position, int lengthBytes) throws CorruptException {
        long tree = key.inode();
        String where = "tree=" + Long.toUnsignedString(tree);
        boolean isTree = tree >= TreeId.FIRST_SUBVOLUME && tree < superblock.nextTreeId();
        if (key.kind() == ItemKind.SUBVOLUME.number() && key.offset() == 0 && isTree) {
            subvolumes.put(tree, SubvolumeItem.readFrom(page, position, lengthBytes, where));
        } else if (key.kind() == ItemKind.RECLAIM.number() && isTree) {
            String entry = "reclaim " + where + " entry=" + key.offset();
            reclaimed.add(
                    new Reclaimed(tree, NodeRefItem.readFrom(page, position, lengthBytes, entry)));
        } else if (key.kind() == ItemKind.PROPERTY.number()
                && isTree
                && key.offset() >= 0
                && key.offset() < PropertyItem.MAX_COUNT) {
            String slot = where + " slot=" + key.offset();
            properties
                    .computeIfAbsent(tree, unseen -> new TreeMap<>())
                    .put(
                            (int) key.offset(),
                            PropertyItem.readFrom(page, position, lengthBytes, slot));
        } else if (key.kind() == ItemKind.BOOKMARK.number()
                && isTree
                && key.offset() >= 0
                && key.offset() < BookmarkItem.MAX_COUNT) {
            String slot = where + " slot=" + key.offset();
            bookmarks
                    .computeIfAbsent(tree, unseen -> new ArrayList<>())
                    .add(BookmarkItem.readFrom(page, position, lengthBytes, slot));
        } else if (key.kind() == ItemKind.PENDING.number() && tree == 0) {
            PendingItem.forEach(
                    page,
                    position,
                    lengthBytes,
                    superblock.deviceBlocks(),
                    "entry=" + key.offset(),
                    (address, count) -> pending.add(new Pending(address, count)));
        } else if (key.kind() == ItemKind.SCRUB.number() && tree == 0 && key.offset() == 0) {
            ScrubItem.readFrom(page, position, lengthBytes);
        } else if (key.kind() == ItemKind.SCRUB_DAMAGE.number() && tree == 0) {
            ScrubDamageItem.readFrom(page, position, lengthBytes);
        } else if (key.kind() == ItemKind.TREE_ROOT.number()
                && key.offset() == 0
                && (tree == TreeId.REFCOUNT || tree == TreeId.SPACE)) {
            roots.put(tree, NodeRefItem.readFrom(page, position, lengthBytes, where));
        } else {
            sound = false;
            findings.add(
                    DamageCode.WRONG_KIND,
                    "root tree",
                    "key=" + key,
                    "no such item has a place here, the next tree id is "
                            + superblock.nextTreeId());
        }
    }

    /// Checks the items against each other.
    void checkRules() {
        record Name(long parent, String name) {}
        Set<Name> names = new HashSet<>();
        subvolumes.forEach(
                (id, item) -> {
                    SubvolumeItem parent = subvolumes.get(item.parentTree());
                    if (item.isSnapshot() && (parent == null || parent.isSnapshot())) {
                        report(
                                id,
                                "it is a snapshot of tree "
                                        + item.parentTree()
                                        + ", which is no subvolume");
                    }
                    if (!names.add(new Name(item.parentTree(), item.name()))) {
                        report(id, "another one has its name '" + item.name() + "'");
                    }
                    if (item.lineTxg() > superblock.txg() + 1) {
                        report(
                                id,
                                "its line begins with txg "
                                        + item.lineTxg()
                                        + ", now is "
                                        + superblock.txg());
                    }
                    if (item.createdTxg() > superblock.txg()
                            || item.lastSnapshotTxg() > superblock.txg()) {
                        report(
                                id,
                                "it was made in txg "
                                        + item.createdTxg()
                                        + ", with a snapshot in txg "
                                        + item.lastSnapshotTxg()
                                        + ", now is "
                                        + superblock.txg());
                    }
                });
        properties.forEach(
                (id, bySlot) -> {
                    if (!subvolumes.containsKey(id)) {
                        report(id, "it has properties and is not listed");
                    }
                    Set<String> seen = new HashSet<>();
                    for (PropertyItem each : bySlot.values()) {
                        if (!seen.add(each.name())) {
                            report(id, "it has the property '" + each.name() + "' twice");
                        }
                    }
                });
        bookmarks.forEach(this::checkBookmarks);
        for (Reclaimed each : reclaimed) {
            if (subvolumes.containsKey(each.tree)) {
                report(each.tree, "it is being deleted and still listed");
            }
        }
    }

    private void checkBookmarks(long tree, List<BookmarkItem> marks) {
        SubvolumeItem of = subvolumes.get(tree);
        if (of == null || of.isSnapshot()) {
            report(tree, "it has bookmarks and is no subvolume that is listed");
        }
        Set<String> seen = new HashSet<>();
        for (BookmarkItem each : marks) {
            if (!seen.add(each.name())) {
                report(tree, "it has the bookmark '" + each.name() + "' twice");
            }
            if (each.txg() > superblock.txg()) {
                report(
                        tree,
                        "its bookmark '"
                                + each.name()
                                + "' is of txg "
                                + each.txg()
                                + ", now is "
                                + superblock.txg());
            }
        }
    }

    private void report(long tree, String reason) {
        findings.add(DamageCode.BAD_SUBVOLUME, "subvolume", "tree=" + tree, reason);
    }
}
