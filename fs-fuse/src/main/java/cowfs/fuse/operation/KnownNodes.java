package cowfs.fuse.operation;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/// The nodes that the kernel knows, and of them those without a name, which the engine keeps for
/// the kernel by one hold each.
///
/// Only nodes of the mounted tree count, and only if it can change: nothing in a snapshot ever
/// loses its name.
///
/// A hold is taken only when a name goes, not at each lookup: the engine then counts only what it
/// would free otherwise.
///
/// Thread safe.
final class KnownNodes {
    private final LookupCounts lookups = new LookupCounts();
    private final Set<Long> nameless = ConcurrentHashMap.newKeySet();

    private final Supplier<Tree> mounted;

    /// @param mounted the only tree of a mount in which names can go; another one when the content
    ///   is replaced
    KnownNodes(Supplier<Tree> mounted) {
        this.mounted = mounted;
    }

    /// Counts a lookup that the kernel is about to be told.
    Node counted(Node node) {
        if (canLoseItsName(node.id())) {
            lookups.add(node.id());
        }
        return node;
    }

    /// Counts the lookup of an inode that was made without a name and is held for it.
    Node countedNameless(Node node) {
        lookups.add(node.id());
        nameless.add(node.id());
        return node;
    }

    /// Takes back lookups that the kernel was not told.
    void uncount(Node node) {
        if (canLoseItsName(node.id())) {
            lookups.subtract(node.id(), 1);
        }
    }

    /// Takes back lookups; what has neither name nor lookup left is freed.
    void forget(long node, long count) throws IOException {
        if (canLoseItsName(node) && lookups.subtract(node, count)) {
            release(node);
        }
    }

    /// Runs what removes a name of `inode`, and keeps the inode if that was its last and the kernel
    /// knows it.
    void removingName(long inode, Removal removal) throws IOException {
        Tree tree = mounted.get();
        long node = tree.node(inode);
        if (!lookups.contains(node)) {
            removal.run();
            return;
        }
        tree.volume().hold(inode);
        boolean kept = false;
        try {
            removal.run();
            kept = tree.volume().getAttributes(inode).linkCount() == 0 && nameless.add(node);
        } finally {
            if (!kept) {
                tree.volume().release(inode, 1);
            }
        }
        if (kept && !lookups.contains(node)) {
            release(node); // forgotten meanwhile
        }
    }

    /// The number of nodes with a lookup count above zero.
    int size() {
        return lookups.size();
    }

    /// Shows all of them: see {@link LookupCounts#forEach}.
    void forEach(LongConsumer visitor) {
        lookups.forEach(visitor);
    }

    /// The whole content has been replaced: the engine holds nothing for the kernel any more.
    void contentReplaced() {
        nameless.clear();
    }

    /// Frees what has no name: nobody asks for it any more.
    void releaseAll() throws IOException {
        for (long node : nameless) {
            release(node);
        }
    }

    private boolean canLoseItsName(long node) {
        Tree tree = mounted.get();
        return NodeId.tree(node) == tree.number() && !tree.volume().readOnly();
    }

    private void release(long node) throws IOException {
        if (nameless.remove(node)) {
            mounted.get().volume().release(NodeId.inode(node), 1);
        }
    }

    /// What takes away a name.
    @FunctionalInterface
    interface Removal {
        void run() throws IOException;
    }
}
