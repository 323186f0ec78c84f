package cowfs.model;

import cowfs.api.BookmarkInfo;
import cowfs.api.Property;
import cowfs.file.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// A subvolume of the model or, in the list of one, a snapshot. Guarded by the lock of its pool.
final class ModelSubvolume {
    String name;
    ModelTree tree;
    UUID uuid = UUID.randomUUID();

    /// What it is the same as in every pool that has received it.
    UUID identity = uuid;

    /// Which files of one number are the same: those of what was received are others.
    long lineage;

    final long originTreeId;
    final Timestamp created;
    final List<ModelSubvolume> snapshots = new ArrayList<>();
    final SortedMap<String, String> properties = new TreeMap<>();
    final List<BookmarkInfo> bookmarks = new ArrayList<>();

    ModelSubvolume(String name, ModelTree tree, long originTreeId, long lineage) {
        this(name, tree, originTreeId, lineage, tree.now());
    }

    ModelSubvolume(
            String name, ModelTree tree, long originTreeId, long lineage, Timestamp created) {
        this.name = name;
        this.tree = tree;
        this.originTreeId = originTreeId;
        this.lineage = lineage;
        this.created = created;
    }

    /// Becomes another one than it was.
    void renew() {
        uuid = UUID.randomUUID();
        identity = uuid;
    }

    boolean isHeld() {
        return properties.keySet().stream().anyMatch(each -> each.startsWith(Property.HOLD_PREFIX));
    }

    /// Takes over what a snapshot or clone starts with.
    void inherit(ModelSubvolume source) {
        source.properties.forEach(
                (property, value) -> {
                    if (!property.startsWith(Property.HOLD_PREFIX)) {
                        properties.put(property, value);
                    }
                });
    }

    /// A copy that stays as it is.
    ModelSubvolume pinned() {
        ModelSubvolume copy =
                new ModelSubvolume(name, tree.copy(tree.id, true), originTreeId, lineage, created);
        copy.bookmarks.addAll(bookmarks);
        snapshots.forEach(snapshot -> copy.snapshots.add(snapshot.pinned()));
        return copy;
    }
}
