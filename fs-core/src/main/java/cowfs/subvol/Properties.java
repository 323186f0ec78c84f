package cowfs.subvol;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.format.ItemKind;
import cowfs.format.PropertyItem;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The properties of subvolumes and snapshots, as they lie in a root tree.
///
/// A snapshot and a clone start with those of what they are of, but for its holds: a hold is on one
/// snapshot. Everything here works on the root tree that it is given and locks nothing.
final class Properties {
    private Properties() {}

    /// The properties of a tree, by name.
    static SortedMap<String, String> read(BTree rootTree, long treeId) throws IOException {
        SortedMap<String, String> properties = new TreeMap<>();
        bySlot(rootTree, treeId)
                .values()
                .forEach(each -> properties.put(each.name(), each.value()));
        return properties;
    }

    /// Sets a property or, with null as its value, takes it away.
    ///
    /// @throws RequestException `NO_SPACE` when the tree has too many
    static void put(BTree rootTree, long treeId, String name, @Nullable String value)
            throws IOException {
        SortedMap<Integer, PropertyItem> bySlot = bySlot(rootTree, treeId);
        for (Map.Entry<Integer, PropertyItem> each : bySlot.entrySet()) {
            if (each.getValue().name().equals(name)) {
                rootTree.remove(treeId, ItemKind.PROPERTY.number(), each.getKey());
                bySlot.remove(each.getKey());
                break;
            }
        }
        if (value == null) {
            return;
        }
        int slot = 0;
        while (bySlot.containsKey(slot)) {
            slot++;
        }
        rootTree.put(
                treeId, ItemKind.PROPERTY.number(), slot, new PropertyItem(name, value).toBytes());
    }

    /// @throws RequestException `NO_SPACE` when `name` would be one too many
    static void requireRoom(SortedMap<String, String> properties, String name)
            throws RequestException {
        if (properties.size() >= PropertyItem.MAX_COUNT && !properties.containsKey(name)) {
            throw new RequestException(
                    ErrorKind.NO_SPACE,
                    "it has "
                            + PropertyItem.MAX_COUNT
                            + " properties and holds, no more fit: remove one first");
        }
    }

    /// Gives a new tree the properties of the one that it is a snapshot or clone of.
    static void inherit(BTree rootTree, long from, long to) throws IOException {
        for (Map.Entry<Integer, PropertyItem> each : bySlot(rootTree, from).entrySet()) {
            if (!Holds.isHold(each.getValue().name())) {
                rootTree.put(
                        to, ItemKind.PROPERTY.number(), each.getKey(), each.getValue().toBytes());
            }
        }
    }

    /// Gives a tree the properties of another whose names begin with `prefix`, besides its own.
    /// What has no room is left out.
    static void copy(BTree rootTree, long from, long to, String prefix) throws IOException {
        for (PropertyItem each : bySlot(rootTree, from).values()) {
            if (each.name().startsWith(prefix)
                    && bySlot(rootTree, to).size() < PropertyItem.MAX_COUNT) {
                put(rootTree, to, each.name(), each.value());
            }
        }
    }

    static void removeAll(BTree rootTree, long treeId) throws IOException {
        for (int slot : bySlot(rootTree, treeId).keySet()) {
            rootTree.remove(treeId, ItemKind.PROPERTY.number(), slot);
        }
    }

    private static SortedMap<Integer, PropertyItem> bySlot(BTree rootTree, long treeId)
            throws IOException {
        SortedMap<Integer, PropertyItem> items = new TreeMap<>();
        Cursor cursor = rootTree.cursor();
        int kind = ItemKind.PROPERTY.number();
        for (boolean more = cursor.seek(treeId, kind, 0);
                more && cursor.inode() == treeId && cursor.kind() == kind;
                more = cursor.next()) {
            long slot = cursor.offset();
            if (slot < 0 || slot >= PropertyItem.MAX_COUNT) {
                throw new CorruptException(
                        "property", "tree=" + treeId + " slot=" + slot, "there is no such slot");
            }
            items.put(
                    (int) slot,
                    PropertyItem.readFrom(
                            cursor.page(),
                            cursor.position(),
                            cursor.lengthBytes(),
                            "tree=" + treeId + " slot=" + slot));
        }
        return items;
    }
}
