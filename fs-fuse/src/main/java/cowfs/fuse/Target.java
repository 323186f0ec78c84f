package cowfs.fuse;

import cowfs.api.Pool;
import cowfs.api.Ref;

/// What is mounted: a tree of a pool, whatever its name is meanwhile.
record Target(Pool pool, Ref ref, long treeId) {
    boolean isSameTree(Target other) {
        return pool == other.pool && treeId == other.treeId;
    }
}
