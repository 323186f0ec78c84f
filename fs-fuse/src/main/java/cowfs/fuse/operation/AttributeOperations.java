package cowfs.fuse.operation;

import cowfs.file.AttributeChange;
import cowfs.file.Timestamp;
import java.io.IOException;
import java.time.Duration;

/// The operations on attributes, and on the targets of symlinks. The nodes that they return do not
/// count as lookups.
///
/// Thread safe.
public final class AttributeOperations {
    /// Two ticks of the clock that the kernel takes times from, and the way of an answer.
    private static final Duration SAME_CHANGE = Duration.ofMillis(10);

    private static final int SET_ID_BITS = 06000;

    private final ServedTrees trees;

    AttributeOperations(ServedTrees trees) {
        this.trees = trees;
    }

    public Node get(long node) throws IOException {
        if (node == NodeId.SNAPSHOTS) {
            return trees.snapshotDirectory();
        }
        Tree tree = trees.tree(node);
        return ServedTrees.node(tree, tree.volume().getAttributes(NodeId.inode(node)));
    }

    public Node set(long node, AttributeChange change) throws IOException {
        Tree tree = trees.writableTree(node);
        return ServedTrees.node(tree, tree.volume().setAttributes(NodeId.inode(node), change));
    }

    /// Takes over the times of a file that the kernel keeps itself (writeback cache).
    ///
    /// The kernel sends them after each rename and removal too, where only the change time is new
    /// and the operation itself has just set it; nothing is changed then. A modification time is
    /// always taken over as it is: programs compare it.
    public Node keepTimes(long node, Timestamp modified, Timestamp changed) throws IOException {
        Node now = get(node);
        Timestamp known = now.attributes().changed();
        boolean isKnown =
                now.attributes().modified().equals(modified)
                        && Duration.between(known.toInstant(), changed.toInstant())
                                        .compareTo(SAME_CHANGE)
                                < 0;
        return isKnown ? now : set(node, AttributeChange.ofTimes(null, modified));
    }

    /// Whether a file has set-id bits, which a change of its content may take away.
    public boolean hasSetIdBits(long node) throws IOException {
        return (get(node).attributes().mode() & SET_ID_BITS) != 0;
    }

    public byte[] readLink(long node) throws IOException {
        return trees.tree(node).volume().readLink(NodeId.inode(node));
    }
}
