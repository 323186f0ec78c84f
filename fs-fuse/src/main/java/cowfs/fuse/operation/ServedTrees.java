package cowfs.fuse.operation;

import cowfs.api.Pool;
import cowfs.api.PoolOperations;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import java.io.IOException;

/// The trees that a mount serves: the mounted one, and those of its snapshots below `.snapshots`.
///
/// A {@link NodeId} names a tree and an inode in it. Each leads to exactly one tree; one that names
/// a deleted snapshot is `ESTALE`, and the virtual directory itself lies in no tree. Only the
/// mounted tree can change.
///
/// Here stands, too, how long the kernel may believe what it is told of a node.
///
/// Thread safe.
final class ServedTrees {
    /// Nothing but this mount changes its tree, so what the kernel knows of it stays true.
    /// Attributes are asked again now and then for the sake of the allocated size, which a commit
    /// may still change.
    private static final double ENTRY_SECONDS = 3600;

    private static final double ATTRIBUTE_SECONDS = 60;

    /// Snapshots come and go by command too.
    private static final double VIRTUAL_SECONDS = 0;

    private volatile Tree mounted;
    private final SnapshotDirectory snapshots;

    /// @param operations how snapshots are taken and deleted: behind the barrier of this mount
    /// @param volume the mounted ref's files
    ServedTrees(Pool pool, PoolOperations operations, Volume volume) {
        this.mounted = new Tree(0, volume);
        this.snapshots = new SnapshotDirectory(pool, operations, () -> mounted().volume());
    }

    Tree mounted() {
        return mounted;
    }

    /// The mounted subvolume has another content from now on.
    void replaceMounted(Volume volume) {
        mounted = new Tree(0, volume);
    }

    SnapshotDirectory snapshots() {
        return snapshots;
    }

    /// The tree that a node lies in.
    Tree tree(long node) throws ErrnoException {
        long number = NodeId.tree(node);
        if (number == 0) {
            return mounted;
        }
        Tree tree = snapshots.lookupTree(number);
        if (tree == null) {
            throw node == NodeId.SNAPSHOTS
                    ? SnapshotDirectory.takesNothingElse()
                    : new ErrnoException(Errno.ESTALE, "the snapshot has been deleted");
        }
        return tree;
    }

    /// The tree that a node lies in, which is to change.
    Tree writableTree(long node) throws IOException {
        Tree tree = tree(node);
        tree.requireWritable();
        return tree;
    }

    /// What the kernel is told of the virtual directory.
    Node snapshotDirectory() throws IOException {
        return new Node(NodeId.SNAPSHOTS, snapshots.attributes(), VIRTUAL_SECONDS, VIRTUAL_SECONDS);
    }

    /// What the kernel is told of the root of a snapshot.
    static Node snapshotRoot(Tree tree) throws IOException {
        Attributes attributes = tree.volume().getAttributes(Volume.ROOT_INODE);
        return new Node(
                tree.node(Volume.ROOT_INODE), attributes, VIRTUAL_SECONDS, ATTRIBUTE_SECONDS);
    }

    /// What the kernel is told of a file.
    static Node node(Tree tree, Attributes attributes) throws IOException {
        return new Node(
                tree.node(attributes.inode()), attributes, ENTRY_SECONDS, ATTRIBUTE_SECONDS);
    }

    /// How long the kernel may believe that a name does not exist in a directory.
    static double missingSeconds(long parent) {
        return parent == NodeId.SNAPSHOTS ? VIRTUAL_SECONDS : ENTRY_SECONDS;
    }
}
