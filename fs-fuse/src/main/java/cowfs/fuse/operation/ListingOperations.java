package cowfs.fuse.operation;

import cowfs.file.Volume;
import java.io.IOException;

/// The operations that list directories. `.snapshots` is not in the listing of its directory; it is
/// what `..` leads to from the root of a snapshot.
///
/// Thread safe.
public final class ListingOperations {
    private final ServedTrees trees;
    private final KnownNodes known;
    private final AttributeOperations attributes;

    ListingOperations(ServedTrees trees, KnownNodes known, AttributeOperations attributes) {
        this.trees = trees;
        this.known = known;
        this.attributes = attributes;
    }

    /// Reports the entries of a directory after `cookie`, each with its node id; see {@link
    /// Volume#readDirectory}.
    public void read(long node, long cookie, Volume.DirectoryVisitor visitor) throws IOException {
        if (node == NodeId.SNAPSHOTS) {
            trees.snapshots().read(cookie, visitor);
            return;
        }
        Tree tree = trees.tree(node);
        tree.volume()
                .readDirectory(
                        NodeId.inode(node),
                        cookie,
                        (name, inode, type, next) -> {
                            if (isHidden(node, name)) {
                                return true;
                            }
                            long child = isAbove(node, name) ? NodeId.SNAPSHOTS : tree.node(inode);
                            return visitor.entry(name, child, type, next);
                        });
    }

    /// Reports the entries of a directory after `cookie` with their attributes. Each one that the
    /// visitor takes counts as looked up, but for `.` and `..`, as the kernel has it.
    ///
    /// @param expected about how many entries the visitor will take
    public void readWithAttributes(long node, long cookie, int expected, NodeVisitor visitor)
            throws IOException {
        if (node == NodeId.SNAPSHOTS) {
            trees.snapshots()
                    .read(
                            cookie,
                            (name, child, type, next) ->
                                    visit(visitor, name, attributes.get(child), next));
            return;
        }
        Tree tree = trees.tree(node);
        tree.volume()
                .readDirectoryWithAttributes(
                        NodeId.inode(node),
                        cookie,
                        expected,
                        (name, found, next) -> {
                            if (isHidden(node, name)) {
                                return true;
                            }
                            Node child =
                                    isAbove(node, name)
                                            ? trees.snapshotDirectory()
                                            : ServedTrees.node(tree, found);
                            return visit(visitor, name, child, next);
                        });
    }

    private boolean visit(NodeVisitor visitor, byte[] name, Node child, long cookie)
            throws IOException {
        if (DotNames.isSelf(name) || DotNames.isParent(name)) {
            return visitor.entry(name, child, cookie);
        }
        // counted first: once the kernel knows the entry it may forget it
        Node counted = known.counted(child);
        boolean taken = false;
        try {
            taken = visitor.entry(name, counted, cookie);
        } finally {
            if (!taken) {
                known.uncount(counted);
            }
        }
        return taken;
    }

    /// Whether an entry is the virtual directory's name, which no file can have.
    private static boolean isHidden(long directory, byte[] name) {
        return directory == NodeId.ROOT && SnapshotDirectory.isNamed(name);
    }

    /// Whether an entry leads from the root of a snapshot up to the virtual directory.
    private static boolean isAbove(long directory, byte[] name) {
        return NodeId.inode(directory) == Volume.ROOT_INODE
                && NodeId.tree(directory) != 0
                && DotNames.isParent(name);
    }
}
