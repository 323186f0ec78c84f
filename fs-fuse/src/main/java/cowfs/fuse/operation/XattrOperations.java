package cowfs.fuse.operation;

import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// The operations on extended attributes of the namespaces that are kept: `user.`, `trusted.` and
/// `security.`; of `system.` only access control lists, and those only where the kernel checks
/// them. Any other is `EOPNOTSUPP`. The virtual directory has none.
///
/// Thread safe.
public final class XattrOperations {
    private static final byte[] SYSTEM = "system.".getBytes(StandardCharsets.UTF_8);

    private static final List<byte[]> NAMESPACES =
            Stream.of("user.", "trusted.", "security.")
                    .map(namespace -> namespace.getBytes(StandardCharsets.UTF_8))
                    .toList();

    private final ServedTrees trees;
    private final boolean accessLists;

    /// @param accessLists whether the kernel checks access control lists
    XattrOperations(ServedTrees trees, boolean accessLists) {
        this.trees = trees;
        this.accessLists = accessLists;
    }

    /// The value of an extended attribute, of the namespaces that are kept. Of `system.` there are
    /// access control lists, where the kernel checks them.
    public byte[] get(long node, byte[] name) throws IOException {
        requireStorable(name);
        if (node == NodeId.SNAPSHOTS) {
            throw new ErrnoException(Errno.ENODATA, "no such attribute");
        }
        return trees.tree(node).volume().getXattr(NodeId.inode(node), name);
    }

    public List<byte[]> list(long node) throws IOException {
        return node == NodeId.SNAPSHOTS
                ? List.of()
                : trees.tree(node).volume().listXattrs(NodeId.inode(node)).stream()
                        .filter(name -> accessLists || !isSystem(name))
                        .toList();
    }

    /// See {@link Volume#setXattr}.
    public void set(long node, byte[] name, byte[] value, Volume.XattrMode mode, SetIdBits bits)
            throws IOException {
        requireStorable(name);
        trees.writableTree(node).volume().setXattr(NodeId.inode(node), name, value, mode, bits);
    }

    public void remove(long node, byte[] name) throws IOException {
        requireStorable(name);
        trees.writableTree(node).volume().removeXattr(NodeId.inode(node), name);
    }

    private void requireStorable(byte[] xattrName) throws ErrnoException {
        if (accessLists && isSystem(xattrName)) {
            return;
        }
        for (byte[] namespace : NAMESPACES) {
            if (Arrays.mismatch(xattrName, namespace) == namespace.length) {
                return;
            }
        }
        throw new ErrnoException(
                Errno.EOPNOTSUPP, "only user., trusted. and security. attributes are kept");
    }

    private static boolean isSystem(byte[] xattrName) {
        return Arrays.mismatch(xattrName, SYSTEM) == SYSTEM.length;
    }
}
