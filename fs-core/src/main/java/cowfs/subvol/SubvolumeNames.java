package cowfs.subvol;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the subvolumes and snapshots of a pool are called, hidden ones included: about 200 bytes
/// each. Not thread safe: guarded by the lock of {@link Subvolumes}.
final class SubvolumeNames {
    private final Map<Long, Name> names = new HashMap<>();
    private final Map<Name, Long> ids = new HashMap<>();

    /// @param parentTree of a snapshot its subvolume; 0 for a subvolume
    private record Name(long parentTree, String name) {
        // What a record has of itself is put together at run time, at its first use: a fifth of
        // the time that opening an image takes (docs/decisions/0020-start-up.md).
        @Override
        public int hashCode() {
            return 31 * Long.hashCode(parentTree) + name.hashCode();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Name that
                    && parentTree == that.parentTree
                    && name.equals(that.name);
        }
    }

    /// @param parent of a snapshot its subvolume; 0 for a subvolume
    void add(long id, long parent, String name) {
        Name added = new Name(parent, name);
        names.put(id, added);
        ids.put(added, id);
    }

    void forget(long id) {
        Name name = names.remove(id);
        if (name != null) {
            ids.remove(name);
        }
    }

    boolean contains(long id) {
        return names.containsKey(id);
    }

    /// The ids of all trees, as they are now.
    List<Long> all() {
        return List.copyOf(names.keySet());
    }

    /// The ids of a subvolume's snapshots.
    List<Long> snapshots(long parent) {
        return names.entrySet().stream()
                .filter(each -> each.getValue().parentTree == parent)
                .map(Map.Entry::getKey)
                .toList();
    }

    /// The ids of subvolumes whose names begin in some way.
    List<Long> beginningWith(String prefix) {
        return names.entrySet().stream()
                .filter(each -> each.getValue().parentTree == 0)
                .filter(each -> each.getValue().name.startsWith(prefix))
                .map(Map.Entry::getKey)
                .toList();
    }

    @Nullable Long lookupId(long parent, String name) {
        return ids.get(new Name(parent, name));
    }

    /// The name as commands take it; null when the tree is not listed.
    @Nullable String lookupFullName(long id) {
        Name name = names.get(id);
        if (name == null) {
            return null;
        }
        Name parent = names.get(name.parentTree);
        return parent == null ? name.name : parent.name + "@" + name.name;
    }

    /// The name of the subvolume that a listed tree is, or is a snapshot of.
    String subvolumeName(long id) {
        Name name = Objects.requireNonNull(names.get(id), "the tree is listed");
        Name parent = names.get(name.parentTree);
        return parent == null ? name.name : parent.name;
    }

    /// @throws RequestException `NOT_FOUND`
    long getId(String subvolume, @Nullable String snapshot) throws RequestException {
        Long id = lookupId(0, subvolume);
        if (id == null) {
            throw absent(subvolume, null);
        }
        if (snapshot == null) {
            return id;
        }
        Long snapshotId = lookupId(id, snapshot);
        if (snapshotId == null) {
            throw absent(subvolume, snapshot);
        }
        return snapshotId;
    }

    /// The refusal for a subvolume, or a snapshot of one, that is not there.
    static RequestException absent(String subvolume, @Nullable String snapshot) {
        String name =
                snapshot == null
                        ? "subvolume '" + subvolume
                        : "snapshot '" + subvolume + "@" + snapshot;
        return new RequestException(
                ErrorKind.NOT_FOUND, "no " + name + "': 'cowfs list' shows which there are");
    }

    /// @throws RequestException `EXISTS`
    void requireFree(long parent, String name) throws RequestException {
        if (lookupId(parent, name) != null) {
            throw new RequestException(
                    ErrorKind.EXISTS,
                    "'"
                            + (parent == 0 ? "" : lookupFullName(parent) + "@")
                            + name
                            + "' exists already: choose another name");
        }
    }
}
