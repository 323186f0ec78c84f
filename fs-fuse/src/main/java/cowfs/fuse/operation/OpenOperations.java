package cowfs.fuse.operation;

import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.AttributeChange;
import cowfs.file.InodeFlags;
import java.io.IOException;

/// Opening and closing of files, also of files that are made by it.
///
/// An open file has no handle here: a node id is enough for every operation. What is kept is who
/// may write: {@link OpenWriters}.
///
/// Thread safe.
public final class OpenOperations {
    private final ServedTrees trees;
    private final NameOperations names;
    private final AttributeOperations attributes;
    private final OpenWriters writers = new OpenWriters();

    OpenOperations(ServedTrees trees, NameOperations names, AttributeOperations attributes) {
        this.trees = trees;
        this.names = names;
        this.attributes = attributes;
    }

    /// Who has files open for writing.
    public OpenWriters writers() {
        return writers;
    }

    /// Makes and opens a regular file. What has the name already is opened, unless it must be new:
    /// the kernel asks for creation when it believes that the name is free.
    public Node createAndOpen(
            long parent, byte[] name, int mode, Caller caller, Opening opening, boolean mustBeNew)
            throws IOException {
        Node made;
        Opening how = opening.ofNew();
        try {
            made = names.create(parent, name, mode, 0, caller);
        } catch (CowException e) {
            if (e.kind() != ErrorKind.EXISTS || mustBeNew) {
                throw e;
            }
            Node found = names.lookup(parent, name);
            if (found == null) {
                throw e;
            }
            made = found;
            how = opening;
        }
        openCounted(made, how);
        return made;
    }

    /// Makes and opens a regular file without a name.
    public Node createUnlinkedAndOpen(long parent, int mode, Caller caller, Opening opening)
            throws IOException {
        Node made = names.createUnlinked(parent, mode, caller);
        openCounted(made, opening.ofNew());
        return made;
    }

    /// Opens what has just been counted as looked up, or takes that back.
    private void openCounted(Node node, Opening how) throws IOException {
        try {
            open(node.id(), how);
        } catch (IOException e) {
            names.forget(node.id(), 1);
            throw e;
        }
    }

    /// Refuses to open a file for writing that its flags protect, as other filesystems do at this
    /// place: later writes are not looked at, since the kernel may hand them over after a change of
    /// the flags.
    ///
    /// @param append whether it is opened with `O_APPEND`
    public void requireOpenable(long node, boolean append, boolean truncate) throws IOException {
        int flags = trees.tree(node).volume().getAttributes(NodeId.inode(node)).flags();
        boolean adding = append && !truncate;
        if ((flags & InodeFlags.IMMUTABLE) != 0 || ((flags & InodeFlags.APPEND) != 0 && !adding)) {
            throw new ErrnoException(
                    Errno.EPERM, "the file's flags forbid to write to it: see chattr(1)");
        }
    }

    /// Opens a file.
    public void open(long node, Opening how) throws IOException {
        Tree tree = trees.tree(node);
        if (how.forWriting() || how.truncates()) {
            tree.requireWritable();
        }
        if (how.forWriting()) {
            requireOpenable(node, how.append(), how.truncates());
        }
        if (how.truncates()) {
            attributes.set(node, AttributeChange.ofSize(0).with(how.bits()));
        }
        if (how.forWriting()) {
            writers.opened(node);
        }
    }

    /// Ends what {@link #open} began.
    public void close(long node, boolean forWriting) {
        if (forWriting) {
            writers.closed(node);
        }
    }
}
