package cowfs.txn;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The file trees in use: one object for each id, so that all who use a tree meet in its lock.
///
/// A tree that can change stays, because it is ahead of what the device holds. One that never
/// changes, a snapshot's, stays while anybody uses it: whoever looks through thousands of snapshots
/// leaves nothing behind.
///
/// Thread safe.
final class OpenTrees {
    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();
    private final ReferenceQueue<FileTree> unused = new ReferenceQueue<>();

    private static final class Entry extends WeakReference<FileTree> {
        private final long id;

        @SuppressWarnings({"unused", "FieldCanBeLocal"}) // keeps the tree from being collected
        private final @Nullable FileTree kept;

        Entry(FileTree tree, ReferenceQueue<FileTree> unused) {
            super(tree, unused);
            this.id = tree.id();
            this.kept = tree.readOnly() ? null : tree;
        }
    }

    /// The tree with an id; null when nobody has it.
    @Nullable FileTree lookup(long id) {
        Entry entry = entries.get(id);
        return entry == null ? null : entry.get();
    }

    /// Takes a tree in, unless there is one with its id.
    ///
    /// @return the one that is there then
    FileTree add(FileTree fresh) {
        removeUnused();
        FileTree[] there = {fresh};
        entries.compute(
                fresh.id(),
                (_, entry) -> {
                    FileTree known = entry == null ? null : entry.get();
                    if (known == null) {
                        return new Entry(fresh, unused);
                    }
                    there[0] = known;
                    return entry;
                });
        return there[0];
    }

    /// Takes the tree with an id out, if there is one.
    @Nullable FileTree remove(long id) {
        Entry entry = entries.remove(id);
        return entry == null ? null : entry.get();
    }

    /// How many trees there are.
    int count() {
        removeUnused();
        return entries.size();
    }

    private void removeUnused() {
        for (Object gone = unused.poll(); gone != null; gone = unused.poll()) {
            Entry entry = (Entry) gone;
            entries.remove(entry.id, entry);
        }
    }
}
