package cowfs.fuse.operation;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The operations on names: looking them up, making, moving and removing them.
///
/// **Lookup counts.** Every call that returns a {@link Node} counts as one lookup, until {@link
/// #forget} takes it back. An inode that loses its last name while its count is above zero is held
/// in the engine until the kernel forgets it; the kernel does not forget what is open, mapped or
/// somebody's working directory, so opens need no count of their own.
///
/// **Snapshots.** `.snapshots` in the mounted root is found and can't be made, moved or removed.
/// Making a directory in it takes a snapshot, which waits for the kernel to hand over what was
/// written before: see {@link #mayWait}.
///
/// Thread safe.
public final class NameOperations {
    private final ServedTrees trees;
    private final KnownNodes known;

    NameOperations(ServedTrees trees, KnownNodes known) {
        this.trees = trees;
        this.known = known;
    }

    /// Whether making or removing a directory here may take long and need other requests to be
    /// served meanwhile. A transport hands such a request to a thread that serves no others.
    public boolean mayWait(long parent) {
        return parent == NodeId.SNAPSHOTS;
    }

    /// What a name stands for, or null. The kernel itself asks for `.` and `..` only to make sense
    /// of a file handle, as NFS has them.
    public @Nullable Node lookup(long parent, byte[] name) throws IOException {
        if (parent == NodeId.SNAPSHOTS) {
            Tree tree = trees.snapshots().lookup(name);
            return tree == null ? null : known.counted(ServedTrees.snapshotRoot(tree));
        }
        if (isVirtual(parent, name)) {
            return known.counted(trees.snapshotDirectory());
        }
        Tree tree = trees.tree(parent);
        long directory = NodeId.inode(parent);
        Attributes found =
                DotNames.isSelf(name)
                        ? tree.volume().getAttributes(directory)
                        : DotNames.isParent(name)
                                ? tree.volume().getAttributes(tree.volume().getParent(directory))
                                : lookup(tree, directory, name);
        return found == null ? null : known.counted(ServedTrees.node(tree, found));
    }

    /// How long the kernel may believe that a name does not exist.
    public double missingSeconds(long parent) {
        return ServedTrees.missingSeconds(parent);
    }

    /// Takes back lookups; what has no name and no lookup left is gone.
    public void forget(long node, long count) throws IOException {
        if (count > 0) {
            known.forget(node, count);
        }
    }

    /// The number of nodes that the kernel knows.
    public int knownNodeCount() {
        return known.size();
    }

    /// Makes a file of any type but a symlink; in `.snapshots` a directory is a snapshot.
    public Node create(long parent, byte[] name, int mode, long device, Caller caller)
            throws IOException {
        if (parent == NodeId.SNAPSHOTS) {
            if ((mode & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
                throw SnapshotDirectory.takesNothingElse();
            }
            return known.counted(ServedTrees.snapshotRoot(trees.snapshots().take(name)));
        }
        requireFree(parent, name);
        Tree tree = trees.writableTree(parent);
        NewInode start = owned(tree, parent, mode, device, caller);
        return known.counted(
                ServedTrees.node(tree, tree.volume().create(NodeId.inode(parent), name, start)));
    }

    /// Makes a regular file without a name, as `O_TMPFILE` does; {@link #link} may give it one.
    public Node createUnlinked(long parent, int mode, Caller caller) throws IOException {
        if (parent == NodeId.SNAPSHOTS) {
            throw SnapshotDirectory.takesNothingElse();
        }
        Tree tree = trees.writableTree(parent);
        NewInode start = owned(tree, parent, mode, 0, caller);
        Attributes made = tree.volume().createUnlinked(NodeId.inode(parent), start);
        return known.countedNameless(ServedTrees.node(tree, made));
    }

    public Node symlink(long parent, byte[] name, byte[] target, Caller caller) throws IOException {
        requireFree(parent, name);
        Tree tree = trees.writableTree(parent);
        NewInode start = owned(tree, parent, Attributes.SYMLINK | 0777, 0, caller);
        return known.counted(
                ServedTrees.node(
                        tree, tree.volume().symlink(NodeId.inode(parent), name, target, start)));
    }

    public Node link(long node, long parent, byte[] name) throws IOException {
        requireFree(parent, name);
        Tree tree = trees.writableTree(parent);
        requireSameTree(node, parent);
        Attributes linked = tree.volume().link(NodeId.inode(node), NodeId.inode(parent), name);
        return known.counted(ServedTrees.node(tree, linked));
    }

    public void unlink(long parent, byte[] name) throws IOException {
        requireMovable(parent, name);
        Tree tree = trees.writableTree(parent);
        long directory = NodeId.inode(parent);
        Attributes victim = tree.volume().lookup(directory, name);
        known.removingName(victim.inode(), () -> tree.volume().unlink(directory, name));
    }

    /// Removes an empty directory; in `.snapshots` it deletes a snapshot.
    public void removeDirectory(long parent, byte[] name) throws IOException {
        if (parent == NodeId.SNAPSHOTS) {
            trees.snapshots().delete(name);
            return;
        }
        requireMovable(parent, name);
        Tree tree = trees.writableTree(parent);
        long directory = NodeId.inode(parent);
        Attributes victim = tree.volume().lookup(directory, name);
        known.removingName(victim.inode(), () -> tree.volume().removeDirectory(directory, name));
    }

    /// Moves a name and leaves a whiteout, which belongs to the caller, in its place.
    ///
    /// @param mode `REPLACE` or `NO_REPLACE`
    public void renameLeavingWhiteout(
            long parent,
            byte[] name,
            long newParent,
            byte[] newName,
            Volume.RenameMode mode,
            Caller caller)
            throws IOException {
        rename(
                parent,
                name,
                newParent,
                newName,
                mode,
                (tree, from, to) ->
                        tree.volume()
                                .renameLeavingWhiteout(
                                        from, name, to, newName, mode, caller.uid(), caller.gid()));
    }

    public void rename(
            long parent, byte[] name, long newParent, byte[] newName, Volume.RenameMode mode)
            throws IOException {
        rename(
                parent,
                name,
                newParent,
                newName,
                mode,
                (tree, from, to) -> tree.volume().rename(from, name, to, newName, mode));
    }

    private void rename(
            long parent,
            byte[] name,
            long newParent,
            byte[] newName,
            Volume.RenameMode mode,
            Move how)
            throws IOException {
        requireMovable(parent, name);
        requireMovable(newParent, newName);
        Tree tree = trees.writableTree(parent);
        requireSameTree(parent, newParent);
        long from = NodeId.inode(parent);
        long to = NodeId.inode(newParent);
        KnownNodes.Removal move = () -> how.run(tree, from, to);
        Attributes victim = mode == Volume.RenameMode.REPLACE ? lookup(tree, to, newName) : null;
        if (victim == null) {
            move.run();
        } else {
            known.removingName(victim.inode(), move);
        }
    }

    /// One of the ways to move a name.
    @FunctionalInterface
    private interface Move {
        void run(Tree tree, long from, long to) throws IOException;
    }

    private static NewInode owned(Tree tree, long parent, int mode, long device, Caller caller)
            throws IOException {
        return caller.start(tree.volume().getAttributes(NodeId.inode(parent)), mode, device);
    }

    private static @Nullable Attributes lookup(Tree tree, long directory, byte[] name)
            throws IOException {
        try {
            return tree.volume().lookup(directory, name);
        } catch (CowException e) {
            if (e.kind() == ErrorKind.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    private static boolean isVirtual(long parent, byte[] name) {
        return parent == NodeId.ROOT && SnapshotDirectory.isNamed(name);
    }

    private static void requireFree(long parent, byte[] name) throws ErrnoException {
        if (isVirtual(parent, name)) {
            throw new ErrnoException(Errno.EEXIST, "'.snapshots' shows the snapshots");
        }
        if (parent == NodeId.SNAPSHOTS) {
            throw SnapshotDirectory.takesNothingElse();
        }
    }

    private static void requireMovable(long parent, byte[] name) throws ErrnoException {
        if (isVirtual(parent, name) || parent == NodeId.SNAPSHOTS) {
            throw SnapshotDirectory.takesNothingElse();
        }
    }

    private static void requireSameTree(long node, long other) throws ErrnoException {
        if (NodeId.tree(node) != NodeId.tree(other)) {
            throw new ErrnoException(Errno.EXDEV, "a name can't lead to another snapshot's file");
        }
    }
}
