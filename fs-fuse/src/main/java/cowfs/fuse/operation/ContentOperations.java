package cowfs.fuse.operation;

import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The operations on the content of files.
///
/// Thread safe.
public final class ContentOperations {
    private final ServedTrees trees;

    ContentOperations(ServedTrees trees) {
        this.trees = trees;
    }

    /// See {@link Volume#read}.
    public int read(long node, long offset, ByteBuffer target) throws IOException {
        return trees.tree(node).volume().read(NodeId.inode(node), offset, target);
    }

    /// See {@link Volume#write}.
    public void write(long node, long offset, ByteBuffer source, SetIdBits bits)
            throws IOException {
        trees.writableTree(node).volume().write(NodeId.inode(node), offset, source, bits);
    }

    /// See {@link Volume#copyRange}. The source may also lie in a snapshot of the mounted
    /// subvolume.
    public long copyRange(
            long source,
            long sourceOffset,
            long target,
            long offset,
            long lengthBytes,
            SetIdBits bits)
            throws IOException {
        Volume from = trees.tree(source).volume();
        return trees.writableTree(target)
                .volume()
                .copyRange(
                        from,
                        NodeId.inode(source),
                        sourceOffset,
                        NodeId.inode(target),
                        offset,
                        lengthBytes,
                        bits);
    }

    /// See {@link Volume#allocate}.
    public void allocate(
            long node, Volume.AllocateMode mode, long offset, long lengthBytes, SetIdBits bits)
            throws IOException {
        trees.writableTree(node)
                .volume()
                .allocate(NodeId.inode(node), mode, offset, lengthBytes, bits);
    }

    /// See {@link Volume#seek}.
    public long seek(long node, long offset, Volume.SeekTarget what) throws IOException {
        return trees.tree(node).volume().seek(NodeId.inode(node), offset, what);
    }

    /// Makes a file or a directory durable. A snapshot always is.
    public void fsync(long node, boolean dataOnly) throws IOException {
        if (node == NodeId.SNAPSHOTS) {
            return;
        }
        Tree tree = trees.tree(node);
        if (!tree.volume().readOnly()) {
            tree.volume().fsync(NodeId.inode(node), dataOnly);
        }
    }
}
